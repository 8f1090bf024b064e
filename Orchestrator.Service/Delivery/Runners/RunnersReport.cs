using Orchestrator.Service.Http;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>The block <c>runners</c> of <c>GET /queue</c>: what runs where, and whether the other hosts answer. Looks at them when the node starts; nobody waits for it.</summary>
internal sealed class RunnersReport : IQueueBlock, IHostedService
{
    private readonly RunnersOptions _options;
    private readonly Dictionary<string, SshPreflight> _channels;

    public RunnersReport(DeliveryOptions options, TimeProvider time)
    {
        _options = options.Runners;
        _channels = Suites().Where(suite => suite.Suite.IsRemote).ToDictionary(suite => suite.Name, suite => new SshPreflight(suite.Suite.Ssh, time));
    }

    public string Name => "runners";

    public Task<object?> ReadAsync(CancellationToken cancellation) => Task.FromResult<object?>(new RunnersView(
        _options.Tests.Enabled, _options.Staging.Enabled,
        [.. Suites().Select(suite => new SuiteView(suite.Name, [.. suite.Suite.Repositories], _channels.GetValueOrDefault(suite.Name)?.Current()))]));

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var channel in _channels.Values)
            channel.Current();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<(string Name, SuiteOptions Suite)> Suites() =>
        _options.Tests.Suites.Select(suite => ($"tests {suite.Key}", suite.Value)).Concat(_options.Staging.Suites.Select(suite => ($"staging {suite.Key}", suite.Value)));
}

/// <param name="Tests">Is the test runner on?</param>
/// <param name="Staging">Is the staging runner on?</param>
/// <param name="Suites">Every suite that is configured.</param>
internal sealed record RunnersView(bool Tests, bool Staging, IReadOnlyList<SuiteView> Suites);

/// <param name="Name">Of the suite.</param>
/// <param name="Repositories">For which it is.</param>
/// <param name="Channel">The way to its host; null where it runs on the node itself.</param>
internal sealed record SuiteView(string Name, IReadOnlyList<string> Repositories, ChannelState? Channel);

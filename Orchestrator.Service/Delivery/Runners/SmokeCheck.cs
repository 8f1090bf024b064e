using System.Globalization;
using System.Net.Sockets;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>One address, read once.</summary>
/// <param name="Name">Of the setting.</param>
/// <param name="Status">What it answered; null if nothing.</param>
/// <param name="Error">Null if it answered as it should.</param>
internal sealed record SmokeResult(string Name, int? Status, string? Error);

/// <summary>Reads addresses with GET: nothing is changed, no redirect followed, no body read.</summary>
internal sealed class SmokeCheck(TimeProvider time)
{
    public async Task<IReadOnlyList<SmokeResult>> RunAsync(IReadOnlyDictionary<string, SmokeOptions> addresses, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false, UseCookies = false, MaxResponseHeadersLength = 64, PooledConnectionLifetime = TimeSpan.Zero };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        var results = new List<SmokeResult>();
        foreach (var (name, address) in addresses.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            results.Add(await ReadAsync(client, name, address, cancellation));
        return results;
    }

    private async Task<SmokeResult> ReadAsync(HttpClient client, string name, SmokeOptions address, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(address.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellation);
        try
        {
            using var answer = await client.GetAsync(new Uri(address.Url), HttpCompletionOption.ResponseHeadersRead, either.Token);
            var status = (int)answer.StatusCode;
            return new SmokeResult(name, status, status == address.Status ? null : string.Create(CultureInfo.InvariantCulture, $"answered {status} instead of {address.Status}"));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new SmokeResult(name, null, $"did not answer within {address.Timeout}");
        }
        catch (Exception exception) when (exception is HttpRequestException or SocketException or IOException)
        {
            return new SmokeResult(name, null, exception.Message);
        }
    }

    /// <summary>Pure: what addresses make of a suite that passed. A wrong answer is the code's, none at all the network's.</summary>
    public static RunVerdict Judge(RunVerdict suite, IReadOnlyList<SmokeResult> results) =>
        suite.Class != RunClass.SuitePass ? suite
        : results.FirstOrDefault(result => result is { Error: not null, Status: not null }) is { } wrong ? new RunVerdict(RunClass.SuiteFail, "smoke-failed", $"{wrong.Name} {wrong.Error}", Repeat.No)
        : results.FirstOrDefault(result => result.Error is not null) is { } silent ? new RunVerdict(RunClass.TransientInfra, "smoke-unreachable", $"{silent.Name}: {silent.Error}", Repeat.Bounded)
        : suite;
}

using MassTransit;

namespace Orchestrator.Tests.Persistence;

/// <summary>One host with the saga and the consumer of its message, for the tests of a class.</summary>
public sealed class ChoreHostFixture : IAsyncLifetime
{
    public ChoreHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await ChoreHost.StartAsync(bus: x => x.AddConsumer<ChoreDoneConsumer>());

    public async Task DisposeAsync() => await Host.DisposeAsync();
}

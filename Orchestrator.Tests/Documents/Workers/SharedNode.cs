namespace Orchestrator.Tests.Documents.Workers;

/// <summary>One node for the tests of a class, which run one after the other; each uses keys and tenants of its own.</summary>
public sealed class SharedNode : IAsyncLifetime
{
    public DocumentNode Node { get; private set; } = null!;

    public async Task InitializeAsync() => Node = await DocumentNode.StartAsync();

    public async Task DisposeAsync() => await Node.DisposeAsync();
}

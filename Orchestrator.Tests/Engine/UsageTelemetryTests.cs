using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Service.Run;

namespace Orchestrator.Tests.Engine;

public sealed class UsageTelemetryTests
{
    [Fact]
    public async Task A_node_tells_the_makers_of_its_libraries_nothing()
    {
        await using var node = await EngineNode.StartAsync((_, _) => Task.FromResult(JobOutcome.Done()));

        Assert.False(node.Services.GetRequiredService<IOptions<UsageTelemetryOptions>>().Value.Enabled);
    }
}

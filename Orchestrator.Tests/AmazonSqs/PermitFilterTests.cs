using MassTransit;
using MassTransit.Middleware;
using Orchestrator.AmazonSqs;

namespace Orchestrator.Tests.AmazonSqs;

public class PermitFilterTests
{
    [Fact]
    [Trait("Requirement", "PROT-3")]
    public async Task A_permit_comes_back_after_success_failure_and_cancellation()
    {
        using var pool = new PermitPool(1);
        var filter = new PermitFilter<Context>(pool);

        await filter.Send(new Context(), Next(_ => Task.CompletedTask));
        await Assert.ThrowsAsync<InvalidOperationException>(() => filter.Send(new Context(), Next(_ => throw new InvalidOperationException())));
        await Assert.ThrowsAsync<OperationCanceledException>(() => filter.Send(new Context(), Next(_ => throw new OperationCanceledException())));

        Assert.Equal(0, pool.Held);
        Assert.Equal(1, pool.Peak);
        Assert.True(pool.TryTake());
    }

    [Fact]
    [Trait("Requirement", "PROT-3")]
    public async Task Who_gives_up_waiting_takes_no_permit_with_it()
    {
        using var pool = new PermitPool(1);
        using var giveUp = new CancellationTokenSource();
        Assert.True(pool.TryTake());

        var waiting = new PermitFilter<Context>(pool).Send(new Context(giveUp.Token), Next(_ => Task.CompletedTask));
        Assert.Equal(1, pool.Waiting);
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, pool.Waiting);
        pool.Return();
        Assert.True(pool.TryTake());
    }

    public sealed class Context(CancellationToken cancellationToken = default) : BasePipeContext(cancellationToken), PipeContext;

    private static IPipe<Context> Next(Func<Context, Task> next) => Pipe.ExecuteAsync(next);
}

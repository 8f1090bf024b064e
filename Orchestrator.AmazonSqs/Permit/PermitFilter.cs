using MassTransit;
using MassTransit.Configuration;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// The Permit step: at most as many messages pass as the pool has permits; the others wait here, protected. A message that still
/// waits when the endpoint stops, or whose lease is lost, leaves the queue of waiters and is handed back without having run.
/// </summary>
public sealed class PermitFilter<TContext>(PermitPool pool) : IFilter<TContext>
    where TContext : class, PipeContext
{
    public async Task Send(TContext context, IPipe<TContext> next)
    {
        context.TryGetPayload<MessageLease>(out var lease);
        if (!pool.TryTake())
            await Wait(context, lease);
        try
        {
            await next.Send(context);
        }
        finally
        {
            pool.Return();
        }
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("permit").Add("permits", pool.Permits);

    private async Task Wait(TContext context, MessageLease? lease)
    {
        if (lease is null)
        {
            await pool.TakeAsync(context.CancellationToken);
            return;
        }
        using var waiting = lease.Wait();
        try
        {
            using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lease.Stopping);
            await pool.TakeAsync(giveUp.Token);
        }
        catch (OperationCanceledException)
        {
            lease.GiveUp();
            throw;
        }
    }
}

internal sealed class PermitSpecification<TContext>(PermitPool pool) : IPipeSpecification<TContext>
    where TContext : class, PipeContext
{
    public void Apply(IPipeBuilder<TContext> builder) => builder.AddFilter(new PermitFilter<TContext>(pool));

    public IEnumerable<ValidationResult> Validate()
    {
        if (pool.Permits < 1)
            yield return this.Failure("Permits", "must be 1 or more");
    }
}

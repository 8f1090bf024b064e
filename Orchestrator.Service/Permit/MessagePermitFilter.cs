using MassTransit;
using Orchestrator.AmazonSqs;

namespace Orchestrator.Service.Permit;

/// <summary>The process's permits for consumers that work on the message itself.</summary>
internal sealed class MessagePermitFilter(Permits process) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        context.TryGetPayload<MessageLease>(out var lease);
        using var permit = await process.TakeProtectedAsync(lease, context.CancellationToken, context.CancellationToken);
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("concurrencyLimit").Add("permits", process.Size);
}

using MassTransit;
using MassTransit.Configuration;

namespace Orchestrator.AmazonSqs;

/// <summary>
/// The Protect step of a receive pipeline: from here on the message is kept from everybody else until it is settled. The transport
/// asks for protection in the receive call already; this step makes sure of it, before anything waits, and hands the
/// <see cref="MessageLease"/> on. On a transport without leases it lets messages pass.
/// </summary>
public sealed class VisibilityExtensionFilter : IFilter<ReceiveContext>
{
    public Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        if (context.TryGetPayload<MessageLease>(out var lease))
            lease.Protect();
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("visibilityExtension");
}

internal sealed class VisibilityExtensionSpecification : IPipeSpecification<ReceiveContext>
{
    public void Apply(IPipeBuilder<ReceiveContext> builder) => builder.AddFilter(new VisibilityExtensionFilter());

    public IEnumerable<ValidationResult> Validate() => [];
}

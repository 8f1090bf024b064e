using MassTransit;
using static Orchestrator.Service.Documents.Acquisition.AcquisitionDecision;

namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>Reads the message before it can wait for a permit: what holds no work (a test event, a removed object, our own output) is settled at once.</summary>
internal sealed class NotificationFilter(AcquisitionOptions options, ILogger<NotificationFilter> log) : IFilter<ConsumeContext>
{
    public async Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        var decisions = Notifications.Read(context.ReceiveContext.Body.GetString(), options);
        if (decisions.All(decision => decision is Ignore) && context.TryGetMessage<AwsNotification>(out var message))
        {
            foreach (var ignored in decisions.Cast<Ignore>())
                log.Ignored(ignored.Reason);
            await context.NotifyConsumed(message, TimeSpan.Zero, nameof(NotificationFilter)); // else it would count as skipped and be kept
            return;
        }

        context.AddOrUpdatePayload(() => new AcquisitionWork(decisions), _ => new AcquisitionWork(decisions));
        await next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("notification");
}

using MassTransit;
using MassTransit.Middleware;
using Orchestrator.AmazonSqs;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Permit;

namespace Orchestrator.Service.Documents.Acquisition;

/// <summary>The queue that AWS writes to. Only SQS has one: without it documents have no way in.</summary>
internal static class AcquisitionEndpoint
{
    public static void ReceiveNotifications(this IAmazonSqsBusFactoryConfigurator cfg, IBusRegistrationContext context, BusOptions bus)
    {
        var documents = context.GetRequiredService<DocumentsOptions>();
        if (!documents.IsEnabled)
            return;
        var options = documents.Acquisition;
        cfg.ReceiveEndpoint(bus.Prefix + options.Queue, endpoint =>
        {
            endpoint.ConfigureConsumeTopology = false;
            endpoint.PublishFaults = false; // nobody sent a command that could be told
            endpoint.PrefetchCount = options.Prefetch;
            endpoint.ConcurrentMessageLimit = options.Prefetch;
            endpoint.ProtectiveVisibility = options.Visibility;
            endpoint.WaitTimeSeconds = bus.LongPollSeconds;
            endpoint.DeadLetter(options.MaxReceiveCount);
            endpoint.ClearSerialization();
            endpoint.UseRawJsonSerializer(RawSerializerOptions.AnyMessageType, isDefault: true); // AWS knows no envelope
            endpoint.ConfigureError(error =>
            {
                error.UseFilter(new PassingFaultFilter());
                error.UseFilter(new ErrorTransportFilter());
            });
            Pipeline.Heavy(endpoint, context.GetRequiredService<Permits>(), new NotificationFilter(options, context.GetRequiredService<ILogger<NotificationFilter>>()));
            endpoint.Consumer(() => new AcquisitionConsumer(context.GetRequiredService<Acquirer>()));
        });
    }
}

using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orchestrator.Persistence.Outbox;

/// <summary>Runs the sender, the remover and the sweeper for as long as the process lives.</summary>
internal sealed class OutboxDelivery(
    IBusControl bus, OutboxSender sender, OutboxRemover remover, OutboxSweeper sweeper, ConsumeRoutes routes, IOptions<OutboxOptions> options,
    TimeProvider time, ILogger<OutboxDelivery> log) : BackgroundService
{
    private static readonly TimeSpan HealthPoll = TimeSpan.FromMilliseconds(50);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // What is sent to the in-memory bus before its endpoints listen goes nowhere, and would never be acknowledged.
        while (bus.CheckHealth().Status != BusHealthStatus.Healthy)
            await Task.Delay(HealthPoll, time, stoppingToken);

        if (options.Value.Acknowledge == OutboxAcknowledgement.OnConsume && !routes.Connected)
            throw new InvalidOperationException(
                "The outbox waits for consumers (OutboxOptions.Acknowledge = OnConsume), but the bus does not tell it of them. Call AcknowledgeOutbox(context) first in the bus's configuration.");

        log.Started(options.Value.Acknowledge);
        try
        {
            await Task.WhenAll(sender.RunAsync(stoppingToken), remover.RunAsync(stoppingToken), sweeper.RunAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }
}

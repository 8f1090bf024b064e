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
    private static readonly TimeSpan StartOfBus = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Acknowledge == OutboxAcknowledgement.OnConsume && !routes.Connected)
            throw new InvalidOperationException(
                "The outbox waits for consumers (OutboxOptions.Acknowledge = OnConsume), but the bus does not tell it of them. Call AcknowledgeOutbox(context) first in the bus's configuration.");

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var busIsReady = WaitForBusAsync(ending.Token);
        Task[] loops = [SendAsync(busIsReady, ending.Token), remover.RunAsync(ending.Token), sweeper.RunAsync(busIsReady, ending.Token)];
        try
        {
            // None of them ends before the process does. If one fails after all, the others end too, and the host with them.
            await Task.WhenAny(loops);
            await ending.CancelAsync();
            await Task.WhenAll(loops);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
    }

    private async Task SendAsync(Task busIsReady, CancellationToken stopping)
    {
        await busIsReady;
        log.Started(options.Value.Acknowledge);
        await sender.RunAsync(stopping);
    }

    /// <summary>
    /// What is sent to the in-memory bus before its endpoints listen goes nowhere, and would never be acknowledged. A bus that keeps messages
    /// takes them although some of its endpoints may never get well, so there the wait has an end.
    /// </summary>
    private async Task WaitForBusAsync(CancellationToken stopping)
    {
        var started = time.GetTimestamp();
        while (bus.CheckHealth().Status != BusHealthStatus.Healthy
               && (options.Value.Acknowledge == OutboxAcknowledgement.OnConsume || time.GetElapsedTime(started) < StartOfBus))
            await Task.Delay(HealthPoll, time, stopping);
    }
}

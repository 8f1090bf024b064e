using Npgsql;
using Orchestrator.AmazonSqs;
using Orchestrator.Persistence.Alerts;
using Orchestrator.Service.Alerts;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Sweeps;

/// <summary>
/// Looks whether the queues of dead letters hold more than people know of, and tells them, once in the window of alerts. The counts are SQS's own, approximate ones: where some are removed and as many come
/// between two looks, nobody is told.
/// </summary>
internal sealed class DeadLetterSweep(DeadLetterQueues queues, BusOptions bus, NpgsqlDataSource database, Alerts.Alerts alerts, AlertOptions options, ILogger<DeadLetterSweep> log) : Sweep(log)
{
    protected override async Task SweepAsync(CancellationToken cancellation)
    {
        var found = await queues.LookAsync(bus.Prefix, cancellation);
        foreach (var (queue, messages) in found)
        {
            var more = await AlertLedger.DeadLettersAsync(database, queue, messages, options.Window, cancellation);
            if (more == 0)
                continue;
            Did("deadLetters", more);
            alerts.Raise(new Alert(AlertKind.DeadLetters, $"{queue} {messages}", // repetitions are left out here, where none is lost
                $"{more} more message(s) came into {queue}, which holds {messages} now: no consumer could handle them, and nobody receives them. Look at one and its reason, then send them back to their queue, or remove them."));
        }

        await AlertLedger.ForgetQueuesAsync(database, [.. found.Keys], cancellation);
    }
}

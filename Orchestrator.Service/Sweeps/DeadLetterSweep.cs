using Npgsql;
using Orchestrator.AmazonSqs;
using Orchestrator.Persistence.Alerts;
using Orchestrator.Service.Alerts;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Sweeps;

/// <summary>
/// Looks whether the queues of dead letters hold more than at the last look, and tells people. The counts are SQS's own, approximate ones: where some are removed and as many come
/// between two looks, nobody is told.
/// </summary>
internal sealed class DeadLetterSweep(DeadLetterQueues queues, BusOptions bus, NpgsqlDataSource database, Alerts.Alerts alerts, ILogger<DeadLetterSweep> log) : Sweep(log)
{
    protected override async Task SweepAsync(CancellationToken cancellation)
    {
        var found = await queues.LookAsync(bus.Prefix, cancellation);
        foreach (var (queue, messages) in found)
        {
            var before = await AlertLedger.DeadLettersAsync(database, queue, messages, cancellation);
            if (messages <= before)
                continue;
            Did("deadLetters", messages - before);
            alerts.Raise(new Alert(AlertKind.DeadLetters, queue,
                $"{messages - before} more message(s) came into {queue}, which holds {messages} now: no consumer could handle them, and nobody receives them. Look at one and its reason, then send them back to their queue, or remove them."));
        }

        await AlertLedger.ForgetQueuesAsync(database, [.. found.Keys], cancellation);
    }
}

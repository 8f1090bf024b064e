using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Lifecycle;

namespace Orchestrator.Service.Resilience;

/// <summary>Queues held jobs again: when what they lacked is back, or because somebody says so.</summary>
internal sealed class Holds(NpgsqlDataSource database, Transitions transitions, WorkSignal signal, TimeProvider time, ILogger<Holds> log)
{
    private const int Batch = 200;

    /// <returns>How many were released.</returns>
    public async Task<int> ReleaseAsync(HoldReason heldFor, IReadOnlyList<string> lanes, CancellationToken cancellation)
    {
        var released = 0;
        int batch;
        do
        {
            batch = await ReleaseBatchAsync(heldFor, lanes, cancellation);
            released += batch;
        }
        while (batch == Batch);

        if (released > 0)
            log.Released(released, heldFor, string.Join(", ", lanes));
        return released;
    }

    /// <summary>
    /// Queues one held job again because somebody says so, with fresh budgets, in the caller's transaction. Its lane is the caller's to wake after the commit. Waits for
    /// nobody: whoever ends a run locks the job first and then what belongs to it.
    /// </summary>
    /// <returns>False if somebody else has it in hand just now, and it is held still: roll back and try again.</returns>
    public async Task<bool> TryRetryAsync(NpgsqlConnection connection, Guid id, CancellationToken cancellation)
    {
        if (await JobLedger.LockIfHeldAsync(connection, id, cancellation) is not { } job)
            return await JobLedger.GetAsync(connection, id, cancellation) is not { State: nameof(JobLifecycle.Held) };
        if (await transitions.ApplyAsync(job, new RetryAsked(time.GetUtcNow()), transitions.Collect())) // publishes nothing
            await JobLedger.WriteAsync(connection, [new Moved(job, nameof(JobLifecycle.Held), null)], cancellation);
        return true;
    }

    private async Task<int> ReleaseBatchAsync(HoldReason heldFor, IReadOnlyList<string> lanes, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var held = await JobLedger.LockHeldAsync(connection, lanes, heldFor.ToString(), Batch, cancellation);
        var moved = new List<Moved>(held.Count);
        var events = transitions.Collect(); // a release publishes nothing
        foreach (var job in held)
        {
            if (await transitions.ApplyAsync(job, new Released(time.GetUtcNow()), events))
                moved.Add(new Moved(job, nameof(JobLifecycle.Held), null));
        }

        if (moved.Count > 0)
            await JobLedger.WriteAsync(connection, moved, cancellation);
        await transaction.CommitAsync(cancellation);
        foreach (var lane in held.Select(job => job.Lane).Distinct())
            signal.Submitted(lane);
        return held.Count;
    }
}

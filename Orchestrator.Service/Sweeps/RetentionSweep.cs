using Npgsql;
using Orchestrator.Persistence.Jobs;

namespace Orchestrator.Service.Sweeps;

/// <summary>Moves ended jobs out of the hot table, drops the months that are older than the retention, and lets others forget what is old.</summary>
internal sealed class RetentionSweep(
    NpgsqlDataSource database, IEnumerable<IForgottenRuns> forgotten, IEnumerable<IRetention> others, SweepOptions options, TimeProvider time, ILogger<RetentionSweep> log) : Sweep(log)
{
    private const int Batch = 500;

    protected override async Task SweepAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var now = time.GetUtcNow();
        foreach (var month in await EndedLedger.MonthsAsync(connection, cancellation))
        {
            // A month is as old as its youngest job can be.
            if (!month.Attached || month.First.AddMonths(1).ToDateTime(TimeOnly.MinValue) <= (now - options.Retention).UtcDateTime)
                await TryAsync($"the month {month.First:yyyy-MM}", () => ForgetAsync(connection, month, cancellation));
        }

        // Ahead, so that a move never has to wait for a new table at the turn of a month.
        foreach (var month in new[] { MonthOf(now), MonthOf(now).AddMonths(1) })
            await TryAsync($"the month {month:yyyy-MM}", () => OpenAsync(connection, month, cancellation));
        await MoveAsync(connection, now - options.MoveEndedAfter, cancellation);
        foreach (var other in others)
            await TryAsync(other.What, () => ForgetAsync(other, cancellation));
    }

    private async Task ForgetAsync(IRetention other, CancellationToken cancellation)
    {
        int some;
        do
            Did(other.What, some = await other.ForgetAsync(Batch, cancellation));
        while (some == Batch);
    }

    private async Task ForgetAsync(NpgsqlConnection connection, EndedMonth month, CancellationToken cancellation)
    {
        if (month.Attached)
            await EndedLedger.DetachMonthAsync(connection, month.First, cancellation);
        // A crash from here on leaves the detached month to the next turn, which begins with its first job again.
        long jobs = 0;
        for (var last = Guid.Empty; await EndedLedger.JobsOfMonthAsync(connection, month.First, last, Batch, cancellation) is { Count: > 0 } some; last = some[^1].Job)
        {
            foreach (var keeper in forgotten)
                await keeper.ForgetAsync(some, cancellation);
            jobs += some.Count;
        }

        await EndedLedger.DropMonthAsync(connection, month.First, cancellation);
        log.MonthDropped(month.First, jobs);
        Did("monthsDropped", 1);
        Did("jobsForgotten", jobs);
    }

    private async Task OpenAsync(NpgsqlConnection connection, DateOnly month, CancellationToken cancellation)
    {
        if (await EndedLedger.OpenMonthAsync(connection, month, cancellation))
            Did("monthsOpened", 1);
    }

    private async Task MoveAsync(NpgsqlConnection connection, DateTimeOffset before, CancellationToken cancellation)
    {
        var behind = new EndedJob(Guid.Empty, DateTimeOffset.UnixEpoch);
        List<EndedJob> some;
        do
        {
            some = await EndedLedger.EndedBeforeAsync(connection, behind, before, Batch, cancellation);
            foreach (var month in some.GroupBy(job => MonthOf(job.EndedAt)))
            {
                await TryAsync($"the month {month.Key:yyyy-MM}", () => OpenAsync(connection, month.Key, cancellation));
                await MoveAsync(connection, [.. month.Select(job => job.Id)], before, cancellation);
            }

            behind = some.Count > 0 ? some[^1] : behind; // what could not be moved waits for the next turn
        }
        while (some.Count == Batch);
    }

    private async Task MoveAsync(NpgsqlConnection connection, Guid[] jobs, DateTimeOffset before, CancellationToken cancellation)
    {
        try
        {
            Did("jobsMoved", await EndedLedger.MoveAsync(connection, jobs, before, cancellation));
        }
        catch (PostgresException exception) when (jobs.Length == 1 || exception is { SqlState: PostgresErrorCodes.CheckViolation, ConstraintName: null }) // the month is on its way out
        {
            Failed(jobs.Length == 1 ? $"job {jobs[0]}" : $"{jobs.Length} jobs", exception);
        }
        catch (PostgresException)
        {
            foreach (var job in jobs) // one that can't be moved must not keep the others
                await MoveAsync(connection, [job], before, cancellation);
        }
    }

    private async Task TryAsync(string what, Func<Task> act)
    {
        try
        {
            await act();
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            Failed(what, exception);
        }
    }

    private static DateOnly MonthOf(DateTimeOffset at) => new(at.UtcDateTime.Year, at.UtcDateTime.Month, 1);
}

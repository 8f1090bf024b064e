using System.Diagnostics.Metrics;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Runs;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Sweeps;

namespace Orchestrator.Service.Reaper;

/// <summary>
/// Heals queued jobs that have an owner. The database refuses to make such rows; but a constraint can be dropped by hand, and data can be older. One such row
/// once wedged a whole queue.
/// </summary>
internal sealed class Sanitizer : IHostedService
{
    private const int Batch = 500;

    private readonly NpgsqlDataSource _database;
    private readonly Transitions _transitions;
    private readonly WorkSignal _signal;
    private readonly TimeProvider _time;
    private readonly ILogger<Sanitizer> _log;
    private readonly Counter<long> _healed;
    private long _total;
    private SanitizerLook? _last;

    public Sanitizer(NpgsqlDataSource database, Transitions transitions, WorkSignal signal, IMeterFactory meters, TimeProvider time, ILogger<Sanitizer> log)
    {
        (_database, _transitions, _signal, _time, _log) = (database, transitions, signal, time, log);
        _healed = meters.Create(Telemetry.Name).CreateCounter<long>("orchestrator.impossible_queued", "{job}", "Queued jobs that had an owner and were healed");
    }

    /// <summary>What this process's last look found, and how many it has healed since its start.</summary>
    public (SanitizerLook? Last, long ImpossibleQueuedTotal) Seen => (_last, Interlocked.Read(ref _total));

    /// <summary>At the start, whatever the switch of the sweep says: before anything is dispatched.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await HealAsync(cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _log.SanitizerFailed(exception); // the sweep looks again
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<int> HealAsync(CancellationToken cancellation)
    {
        int batch, healed = 0;
        do
        {
            batch = await HealBatchAsync(cancellation);
            healed += batch;
        }
        while (batch == Batch);

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        var stands = await RunLedger.ConstraintStandsAsync(connection, cancellation);
        if (!stands)
            _log.ConstraintMissing();
        _last = new SanitizerLook(_time.GetUtcNow(), healed, stands);
        return healed;
    }

    private async Task<int> HealBatchAsync(CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var impossible = await RunLedger.LockImpossibleAsync(connection, Batch, cancellation);
        if (impossible.Count == 0)
            return 0;

        var moved = new List<Moved>(impossible.Count);
        var events = _transitions.Collect(); // healing publishes nothing
        foreach (var job in impossible)
        {
            var run = job.RunId;
            if (await _transitions.ApplyAsync(job, new Healed(), events))
                moved.Add(new Moved(job, nameof(JobLifecycle.Queued), run));
        }

        await JobLedger.WriteAsync(connection, moved, cancellation);
        await transaction.CommitAsync(cancellation);
        _healed.Add(moved.Count);
        Interlocked.Add(ref _total, moved.Count);
        _log.Healed(moved.Count, string.Join(", ", moved.Take(20).Select(m => m.Job.Id)));
        foreach (var lane in impossible.Select(job => job.Lane).Distinct())
            _signal.Submitted(lane);
        return impossible.Count;
    }
}

/// <param name="At">When.</param>
/// <param name="Healed">Rows that were healed then.</param>
/// <param name="ConstraintStands">Is the constraint there that keeps such rows from being written?</param>
internal sealed record SanitizerLook(DateTimeOffset At, int Healed, bool ConstraintStands);

/// <summary>Looks for queued jobs with an owner, again and again.</summary>
internal sealed class SanitizerSweep(Sanitizer sanitizer, ILogger<SanitizerSweep> log) : Sweep(log)
{
    protected override async Task SweepAsync(CancellationToken cancellation) => Did("healed", await sanitizer.HealAsync(cancellation));
}

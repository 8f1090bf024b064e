using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Batching;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Alerts;
using Orchestrator.Service.Receive;
using Orchestrator.Service.Resilience;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Finalize;

/// <summary>Commits what a run came to. Plain successes go many at once; whatever stores more, retries or fails takes a transaction of its own.</summary>
internal sealed class Finalizer : IAsyncDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly Transitions _transitions;
    private readonly Intake _intake;
    private readonly WorkSignal _signal;
    private readonly Breakers _breakers;
    private readonly Alerts.Alerts _alerts;
    private readonly IServiceScopeFactory _scopes;
    private readonly ILogger<Finalizer> _log;
    private readonly TimeProvider _time;
    private readonly Batches<(Job Job, WorkDone Event), bool> _plain;

    public Finalizer(NpgsqlDataSource database, Transitions transitions, Intake intake, WorkSignal signal, Breakers breakers, Alerts.Alerts alerts, IServiceScopeFactory scopes, TimeProvider time, ILogger<Finalizer> log)
    {
        (_database, _transitions, _intake, _signal, _breakers, _alerts, _scopes, _time, _log) = (database, transitions, intake, signal, breakers, alerts, scopes, time, log);
        _plain = new(size: 200, parallel: 2, EndPlainAsync);
    }

    /// <param name="claimed">The job, with the run that ends.</param>
    /// <param name="ending">How it ended.</param>
    /// <param name="lane">Its lane.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <param name="alongside">Written in the same transaction, if the run is not fenced.</param>
    /// <returns>False if the run was fenced: nothing was written.</returns>
    public async Task<bool> EndAsync(Job claimed, Ending ending, Lane lane, CancellationToken cancellation, Func<NpgsqlConnection, Task>? alongside = null)
    {
        var decision = FinalizeDecision.Decide(claimed, ending, lane.Options, _time.GetUtcNow(), Random.Shared.NextDouble());
        if (decision is null)
            return false;

        var success = ending is Ending.Finished { Outcome: JobOutcome.Success s } ? s : null;
        var observed = Breakers.Observe(ending, decision);
        var won = decision is WorkDone done && success is { Commit: null, Effect: null } && !claimed.Announce && !lane.Watched && alongside is null
            ? await EndPlainAsync(claimed, done, lane, cancellation)
            : await EndAloneAsync(claimed, decision, success, observed, alongside, lane, cancellation);
        if (won)
            _signal.Ended(lane);
        return won;
    }

    /// <summary>Running → Finalizing: from here the run's effects are carried out.</summary>
    /// <returns>The job as it is now; null if the run was fenced.</returns>
    public async Task<Job?> BeginEffectAsync(Job claimed, CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await JobLedger.LockRunAsync(connection, claimed.Id, claimed.RunId!.Value, cancellation) is not { } job)
            return null;
        var state = job.State;
        if (await _transitions.ApplyAsync(job, new WorkEnded(_time.GetUtcNow()), _transitions.Collect()))
            await JobLedger.WriteAsync(connection, [new Moved(job, state, claimed.RunId)], cancellation);
        await transaction.CommitAsync(cancellation);
        return job;
    }

    public ValueTask DisposeAsync() => _plain.DisposeAsync();

    private async Task<bool> EndPlainAsync(Job claimed, WorkDone done, Lane lane, CancellationToken cancellation)
    {
        try
        {
            return await _plain.Add((claimed, done));
        }
        catch (PostgresException refused) when (!Persistent.IsPassing(refused))
        {
            return await EndAloneAsync(claimed, done, success: null, Observed.Served, alongside: null, lane, cancellation); // one result of the batch can't be stored; the others are not to suffer
        }
    }

    // The row was read when it was claimed and only its owner moves it, so the transition is computed on that copy and the guard
    // of the write is the fence: a row that is missing from the answer was somebody else's by then.
    private async Task<IReadOnlyList<bool>> EndPlainAsync(IReadOnlyList<(Job Job, WorkDone Event)> ended, CancellationToken cancellation)
    {
        var moved = new List<Moved>(ended.Count);
        var events = _transitions.Collect(); // stays empty: jobs to be announced go alone
        foreach (var (job, @event) in ended)
        {
            var (state, run) = (job.State, job.RunId);
            if (await _transitions.ApplyAsync(job, @event, events))
                moved.Add(new Moved(job, state, run));
        }

        await using var connection = await _database.OpenConnectionAsync(cancellation);
        HashSet<Guid> won;
        try
        {
            won = await JobLedger.WriteAsync(connection, moved, cancellation);
        }
        catch
        {
            // The caller repeats with the same jobs: give them back as they were.
            foreach (var (job, state, _) in moved)
                (job.State, job.EndedAt, job.Result) = (state, null, null);
            throw;
        }

        return [.. ended.Select(e => won.Contains(e.Job.Id))];
    }

    private async Task<bool> EndAloneAsync(Job claimed, object decision, JobOutcome.Success? success, Observed? observed, Func<NpgsqlConnection, Task>? alongside, Lane lane, CancellationToken cancellation)
    {
        await using var connection = await _database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);

        // The fence. Read anew, because somebody may have asked for a cancel since.
        var job = await JobLedger.LockRunAsync(connection, claimed.Id, claimed.RunId!.Value, cancellation);
        if (job is null)
            return false;

        var scope = new FinalizeScope(connection, transaction, job, _time.GetUtcNow(), _intake);
        if (success?.Commit is { } commit)
            await commit(scope, cancellation);

        // A job that somebody cancelled does not run again, however its run failed.
        if (job.CancelRequestedAt is not null && decision is WillRetry or HandedBack or WorkFailed or BackedOff or PutOnHold)
            decision = new WorkCancelled(_time.GetUtcNow());
        if (decision is WorkFailed failed)
            await TellHandlerAsync(lane, scope, failed.Reason, cancellation);

        var state = job.State;
        var events = _transitions.Collect();
        if (!await _transitions.ApplyAsync(job, decision, events))
            return false;
        await JobLedger.WriteAsync(connection, [new Moved(job, state, claimed.RunId)], cancellation);
        await Transitions.StoreAsync(transaction, events, cancellation);
        if (alongside is not null)
            await alongside(connection);
        var breakers = await _breakers.TellAsync(connection, lane, job.Id, observed, cancellation);

        // A crash before this line leaves the run unfinished: its node's lease ends and the job runs again.
        await transaction.CommitAsync(cancellation);

        _transitions.Deliver(events);
        foreach (var submitted in scope.SubmittedLanes)
            _signal.Submitted(submitted);
        if (decision is HandedBack)
            _signal.Submitted(job.Lane);
        if (decision is WillRetry or BackedOff or RunLost)
            _signal.Slept();
        if (decision is PutOnHold or Quarantined)
            _alerts.Raise(new Alert(AlertKind.JobHeld, job.Id.ToString(), $"Job {job.Id} of lane {job.Lane} is held ({job.HeldFor}): {job.Reason} POST /jobs/{job.Id}/retry releases it."));
        if (breakers.Count > 0)
            await _breakers.AnnounceAsync(breakers, cancellation);
        return true;
    }

    // What a handler makes of a failure must not keep the job from failing.
    private async Task TellHandlerAsync(Lane lane, FinalizeScope scope, string reason, CancellationToken cancellation)
    {
        const string Before = "before_handler";
        if (lane.Handler is not { } type)
            return;
        await scope.Transaction.SaveAsync(Before, cancellation);
        try
        {
            await using var services = _scopes.CreateAsyncScope();
            var handler = (IJobHandler)services.ServiceProvider.GetRequiredService(type);
            await handler.FailedAsync(JobRun.Of(scope.Job), reason, scope, cancellation);
        }
        catch (Exception exception) when (!Persistent.IsPassing(exception))
        {
            _log.HandlerDidNotTakeFailure(scope.Job.Id, lane.Name, exception);
            await scope.Transaction.RollbackAsync(Before, cancellation);
        }
    }
}

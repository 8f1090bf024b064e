using Npgsql;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Dispatch;
using Orchestrator.Service.Finalize;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Ingress;

/// <summary>Jobs in code: the same that the bus endpoint and HTTP offer.</summary>
public interface IJobClient
{
    /// <summary>Stores a job and returns at once.</summary>
    /// <exception cref="JobRequestException">The request breaks a rule.</exception>
    Task<SubmittedJob> SubmitAsync(JobRequest request, CancellationToken cancellation = default);

    /// <summary>Stores all or none, in one round trip; answers in the same order.</summary>
    /// <exception cref="JobRequestException">A request breaks a rule; nothing is stored.</exception>
    Task<IReadOnlyList<SubmittedJob>> SubmitAsync(IReadOnlyList<JobRequest> requests, CancellationToken cancellation = default);

    /// <summary>Ends a queued or held job at once; asks a running one to stop.</summary>
    Task<JobCommandDone> CancelAsync(Guid job, string? reason = null, CancellationToken cancellation = default);

    /// <summary>Queues a failed, cancelled or held job again with fresh budgets.</summary>
    Task<JobCommandDone> RetryAsync(Guid job, CancellationToken cancellation = default);

    /// <summary>Changes the order of a queued job; -1000 to 1000, higher goes first.</summary>
    /// <exception cref="JobRequestException">The priority is out of range.</exception>
    Task<JobCommandDone> PrioritiseAsync(Guid job, int priority, CancellationToken cancellation = default);

    /// <summary>The job; null if there is none.</summary>
    Task<Job?> GetAsync(Guid job, CancellationToken cancellation = default);
}

internal sealed class JobClient(
    NpgsqlDataSource database, Intake intake, Transitions transitions, RunningJobs running, WorkSignal signal, TimeProvider time) : IJobClient
{
    public async Task<SubmittedJob> SubmitAsync(JobRequest request, CancellationToken cancellation = default) =>
        (await SubmitAsync([request], cancellation))[0];

    public async Task<IReadOnlyList<SubmittedJob>> SubmitAsync(IReadOnlyList<JobRequest> requests, CancellationToken cancellation = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var submitted = await intake.InsertAsync(connection, requests, time.GetUtcNow(), cancellation);
        foreach (var lane in requests.Select(r => r.Lane).Distinct())
            signal.Submitted(lane);
        if (requests.Any(r => r.AvailableAt is not null))
            signal.Slept();
        return submitted;
    }

    public Task<JobCommandDone> CancelAsync(Guid job, string? reason = null, CancellationToken cancellation = default) =>
        CommandAsync(job, new CancelAsked(reason is { Length: > 0 } ? Reason.Storable(reason[..Math.Min(reason.Length, 1000)]) : "Cancelled on request.", time.GetUtcNow()), cancellation);

    public Task<JobCommandDone> RetryAsync(Guid job, CancellationToken cancellation = default) =>
        CommandAsync(job, new RetryAsked(time.GetUtcNow()), cancellation);

    public async Task<JobCommandDone> PrioritiseAsync(Guid job, int priority, CancellationToken cancellation = default)
    {
        if (priority is < -1000 or > 1000)
            throw new JobRequestException([$"priority: must be -1000 to 1000. Found: {priority}."]);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (await JobLedger.SetPriorityAsync(connection, job, priority, cancellation) is { } state)
            return new JobCommandDone(job, JobCommandOutcome.Done, state);
        var found = await JobLedger.GetAsync(connection, job, cancellation);
        return new JobCommandDone(job, found is null ? JobCommandOutcome.NotFound : JobCommandOutcome.NotAccepted, found?.State);
    }

    public async Task<Job?> GetAsync(Guid job, CancellationToken cancellation = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await JobLedger.GetAsync(connection, job, cancellation);
    }

    private async Task<JobCommandDone> CommandAsync(Guid id, object command, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var job = await LockHotAsync();
        var moved = job is null ? await EndedLedger.LockAsync(connection, id, cancellation) : null;
        job ??= moved ?? await LockHotAsync(); // another retry may have brought it back between the two looks
        if (job is null)
            return new JobCommandDone(id, JobCommandOutcome.NotFound, null);

        var (state, run) = (job.State, job.RunId);
        var events = transitions.Collect();
        if (!await transitions.ApplyAsync(job, command, events))
            return new JobCommandDone(id, state == nameof(JobLifecycle.Cancelled) && command is CancelAsked ? JobCommandOutcome.Done : JobCommandOutcome.NotAccepted, state);

        if (moved is not null)
            await EndedLedger.BringBackAsync(connection, id, cancellation);
        await JobLedger.WriteAsync(connection, [new Moved(job, state, run)], cancellation);
        await Transitions.StoreAsync(transaction, events, cancellation);
        await transaction.CommitAsync(cancellation);

        transitions.Deliver(events);
        if (job.CancelRequestedAt is not null && job.RunId is { } asked)
        {
            running.Stop(id, asked, StopReason.CancelAsked); // here at once; on another node with its next heartbeat
            signal.Cancelled();
        }
        else
        {
            signal.Submitted(job.Lane);
        }

        return new JobCommandDone(id, JobCommandOutcome.Done, job.State);

        async Task<Job?> LockHotAsync() => await JobLedger.LockAsync(connection, [id], cancellation) is [var row] ? row : null;
    }
}

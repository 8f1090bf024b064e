using Npgsql;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Delivery.Reports;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Resilience;

namespace Orchestrator.Service.Delivery.Tasks;

/// <summary>Tasks in code: the same that the bus endpoint and HTTP offer.</summary>
public interface ITaskClient
{
    /// <summary>Stores a task, with the job of its first stage, and returns at once.</summary>
    /// <exception cref="JobRequestException">The request breaks a rule; nothing is stored.</exception>
    Task<TaskAccepted> OpenAsync(OpenTask request, CancellationToken cancellation = default);

    /// <summary>Nothing of the task begins until it is resumed, and it holds nobody up; a run that is under way ends.</summary>
    Task<TaskCommandDone> PauseAsync(Guid task, string? reason = null, CancellationToken cancellation = default);

    /// <summary>Takes its old place again.</summary>
    Task<TaskCommandDone> ResumeAsync(Guid task, CancellationToken cancellation = default);

    /// <summary>Ends the task; its job is asked to stop.</summary>
    Task<TaskCommandDone> CancelAsync(Guid task, string? reason = null, CancellationToken cancellation = default);

    /// <summary>Releases the held job of a held task; begins the stage anew where there is none.</summary>
    Task<TaskCommandDone> RetryStageAsync(Guid task, CancellationToken cancellation = default);

    /// <summary>The task; null if there is none.</summary>
    Task<DeliveryTask?> GetAsync(Guid task, CancellationToken cancellation = default);
}

internal sealed class TaskClient(
    NpgsqlDataSource database, TaskTransitions transitions, TaskDriver driver, DeliveryPipeline pipeline, TaskReports reports, IJobClient jobs, Holds holds, DeliveryOptions options, TimeProvider time) : ITaskClient
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task<TaskAccepted> OpenAsync(OpenTask request, CancellationToken cancellation = default)
    {
        while (true)
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            if (await OpenAsync(connection, request, cancellation) is not { } accepted)
                continue; // another came between: it is found now
            if (!accepted.Duplicate)
            {
                await transaction.CommitAsync(cancellation);
                driver.Wake();
            }

            return accepted;
        }
    }

    /// <summary>The same in somebody else's transaction: with it the task is there, or is not.</summary>
    /// <returns>Null if another task came between; the transaction has a job of nobody's then, and must not be committed.</returns>
    /// <exception cref="JobRequestException">The request breaks a rule.</exception>
    internal async Task<TaskAccepted?> OpenAsync(NpgsqlConnection connection, OpenTask request, CancellationToken cancellation)
    {
        var id = Guid.CreateVersion7(time.GetUtcNow());
        var branch = request.Branch ?? $"task/{Slug(request.ExternalKey ?? id.ToString("N"))}";
        var errors = Errors(request, branch).ToList();
        if (errors.Count > 0)
            throw new JobRequestException(errors);
        request = request with { Repository = await TaskLedger.KnowRepositoryAsync(connection, request.Repository, cancellation) };
        if (await TaskLedger.FindAsync(connection, request.ExternalKey, request.Repository, branch, cancellation) is { } first)
            return new TaskAccepted(first, true);
        var now = time.GetUtcNow();
        var task = new DeliveryTask
        {
            CorrelationId = id,
            Repository = request.Repository,
            Title = request.Title,
            ExternalKey = request.ExternalKey,
            Branch = branch,
            MaxRetries = pipeline.Retries,
            CreatedAt = now,
        };
        var entry = await driver.EnterAsync(connection, task, pipeline.Stages[0], cancellation);
        await transitions.ApplyAsync(task, new Opened(entry));
        if (!await TaskLedger.InsertAsync(connection, task, cancellation))
            return null;
        if (request.Description is { Length: > 0 } description)
            await TaskLedger.StoreArtifactAsync(connection, id, task.Step, Artifacts.Request, description, now, cancellation);
        var line = await TaskLedger.RecordAsync(connection, id, new TaskEvent(now, task.Step, task.Stage, nameof(Opened), request.Title), cancellation);
        await reports.InsertAsync(connection, task, null, new Opened(entry), line, cancellation);
        return new TaskAccepted(id, false);
    }

    public Task<TaskCommandDone> PauseAsync(Guid task, string? reason = null, CancellationToken cancellation = default) =>
        CommandAsync(task, new PauseAsked(time.GetUtcNow(), Short(reason)), reason, cancellation);

    public Task<TaskCommandDone> ResumeAsync(Guid task, CancellationToken cancellation = default) => CommandAsync(task, new ResumeAsked(), null, cancellation);

    public async Task<TaskCommandDone> CancelAsync(Guid task, string? reason = null, CancellationToken cancellation = default)
    {
        var done = await CommandAsync(task, new TaskCancelAsked(time.GetUtcNow(), Short(reason) ?? "Cancelled on request."), reason, cancellation);
        if (done.Outcome == JobCommandOutcome.Done && await GetAsync(task, cancellation) is { JobId: { } job })
            await jobs.CancelAsync(job, "Its task was cancelled.", cancellation); // if the process dies before, the sweep does it
        return done;
    }

    public async Task<TaskCommandDone> RetryStageAsync(Guid task, CancellationToken cancellation = default)
    {
        while (true)
        {
            if (await GetAsync(task, cancellation) is not { } seen)
                return new TaskCommandDone(task, JobCommandOutcome.NotFound, null);
            // The job goes on where it stood, with fresh budgets; a second one would be the same work twice. Both in one transaction: a job that ends at once finds its
            // task at work, and nobody sees a task that works on a held job, which would be held, and told, again.
            if (seen is { State: nameof(TaskLifecycle.Held), JobId: { } job } && await jobs.GetAsync(job, cancellation) is { EndedAt: null })
            {
                if (!await driver.CommitAsync(seen, WentOnAsync, null, cancellation))
                {
                    await Task.Delay(Pause, time, cancellation); // somebody else has one of the two in hand
                    continue;
                }

                await driver.DriveAsync(task, cancellation);
                return new TaskCommandDone(task, JobCommandOutcome.Done, (await GetAsync(task, cancellation))?.State);
            }

            // Released as a job it has ended meanwhile: how it ended counts, and is not done again.
            if (seen is { State: nameof(TaskLifecycle.Held), HeldForJob: true } && await driver.DriveAsync(task, cancellation))
                return new TaskCommandDone(task, JobCommandOutcome.Done, (await GetAsync(task, cancellation))?.State);
            if (seen.State is nameof(TaskLifecycle.Working) or nameof(TaskLifecycle.Done))
                return new TaskCommandDone(task, JobCommandOutcome.NotAccepted, seen.State);
            if (await driver.RetryStageAsync(seen, cancellation))
                return new TaskCommandDone(task, JobCommandOutcome.Done, nameof(TaskLifecycle.Working));

            async Task<object?> WentOnAsync(NpgsqlConnection connection, DeliveryTask held) =>
                held.JobId is { } its && !await holds.TryRetryAsync(connection, its, cancellation) ? null : new WentOn();
        }
    }

    public async Task<DeliveryTask?> GetAsync(Guid task, CancellationToken cancellation = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await TaskLedger.GetAsync(connection, task, cancellation);
    }

    private async Task<TaskCommandDone> CommandAsync(Guid id, object command, string? detail, CancellationToken cancellation)
    {
        while (true)
        {
            if (await GetAsync(id, cancellation) is not { } seen)
                return new TaskCommandDone(id, JobCommandOutcome.NotFound, null);
            if (await driver.CommitAsync(seen, (_, _) => Task.FromResult<object?>(command), detail, cancellation))
                return new TaskCommandDone(id, JobCommandOutcome.Done, (await GetAsync(id, cancellation))?.State);
            if (await GetAsync(id, cancellation) is { } now && now.State == seen.State && now.Step == seen.Step)
                return new TaskCommandDone(id, now.State == nameof(TaskLifecycle.Cancelled) && command is TaskCancelAsked ? JobCommandOutcome.Done : JobCommandOutcome.NotAccepted, now.State);
        }
    }

    private IEnumerable<string> Errors(OpenTask request, string branch)
    {
        if (RepositoryName.Of(request.Repository ?? "") is null)
            yield return $"repository: must be owner/name, of letters, digits, ., - and _. Found: {request.Repository}.";
        if (!TaskTitle.IsOne(request.Title))
            yield return "title: must be one line of 1 to 200 characters.";
        if (request.ExternalKey is { Length: 0 or > 200 } || request.ExternalKey?.Any(char.IsControl) == true)
            yield return "externalKey: must be one line of 1 to 200 characters, or be absent.";
        if (request.Description is { Length: > 200_000 } || request.Description?.Contains('\0') == true)
            yield return "description: must have at most 200,000 characters and no NUL; put large input into the repository and name it.";
        if (!BranchName.IsOne(branch))
            yield return $"branch: must be a branch name of letters, digits, ., /, - and _ that begins with a letter or digit. Found: {branch}.";
        else if (branch == options.BaseOf(request.Repository ?? ""))
            yield return $"branch: must not be {branch}, which tasks of {request.Repository} go into: a task needs a branch of its own.";
    }

    private static string Slug(string key) => string.Concat(key.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-') is { Length: > 0 } slug ? slug[..Math.Min(slug.Length, 100)] : "unnamed";

    private static string? Short(string? reason) => reason is { Length: > 0 } ? Reason.Storable(reason[..Math.Min(reason.Length, 1000)]) : null;
}

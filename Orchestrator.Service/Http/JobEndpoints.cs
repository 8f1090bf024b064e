using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Runs;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Lifecycle;

namespace Orchestrator.Service.Http;

/// <summary>Jobs over HTTP: the same that the bus endpoint and <see cref="IJobClient"/> offer.</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapPost("/", SubmitAsync).WithSummary("Enqueue a job; answers at once with its id")
            .ProducesValidationProblem();
        jobs.MapGet("/", ListAsync).WithSummary("Jobs, newest first; filter by lane and state, go on with the answer's next")
            .ProducesValidationProblem();
        jobs.MapGet("/{id:guid}", GetAsync).WithSummary("One job")
            .ProducesProblem(StatusCodes.Status404NotFound);
        jobs.MapGet("/{id:guid}/why", async Task<Results<Ok<WhyView>, ProblemHttpResult>> (Guid id, Why why, CancellationToken cancellation) =>
                await why.ReadAsync(id, cancellation) is { } view ? TypedResults.Ok(view) : NotFound(id))
            .WithSummary("Why is it not running? Every obstacle that holds it, and since when")
            .ProducesProblem(StatusCodes.Status404NotFound);
        jobs.MapGet("/{id:guid}/reaped", async (Guid id, NpgsqlDataSource database, CancellationToken cancellation) =>
            {
                await using var connection = await database.OpenConnectionAsync(cancellation);
                return await RunLedger.JournalOfAsync(connection, id, cancellation);
            })
            .WithSummary("Why was it taken from its owner? Verdicts on its runs with their evidence, newest first");
        jobs.MapPost("/{id:guid}/cancel", (Guid id, [FromQuery] string? reason, IJobClient client, CancellationToken cancellation) =>
            CommandAsync(client.CancelAsync(id, reason, cancellation))).WithSummary("End a job: a queued one at once, a running one by stopping its work")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        jobs.MapPost("/{id:guid}/retry", (Guid id, IJobClient client, CancellationToken cancellation) =>
            CommandAsync(client.RetryAsync(id, cancellation))).WithSummary("Queue a failed, cancelled or held job again")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        jobs.MapPost("/{id:guid}/priority", (Guid id, [FromQuery] int value, IJobClient client, CancellationToken cancellation) =>
            CommandAsync(client.PrioritiseAsync(id, value, cancellation))).WithSummary("Change the order of a queued job")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Accepted<SubmittedJob>, Ok<SubmittedJob>>> SubmitAsync(EnqueueJob body, IJobClient client, CancellationToken cancellation)
    {
        var job = await client.SubmitAsync(new JobRequest(body.Lane, body.Payload.ValueKind == JsonValueKind.Undefined ? "{}" : body.Payload.GetRawText())
        {
            Priority = body.Priority,
            AvailableAt = body.AvailableAt,
            DedupeKey = body.DedupeKey,
            MaxAttempts = body.MaxAttempts,
            Announce = body.Announce,
        }, cancellation);
        return job.Duplicate ? TypedResults.Ok(job) : TypedResults.Accepted($"/jobs/{job.JobId}", job);
    }

    private static async Task<Ok<JobPage>> ListAsync(
        NpgsqlDataSource database, CancellationToken cancellation, [FromQuery] string? lane = null, [FromQuery] string? state = null,
        [FromQuery] long? after = null, [FromQuery] int limit = 50)
    {
        if (state is not null && !JobLifecycle.StateNames.Contains(state))
            throw new JobRequestException([$"state: must be one of {string.Join(", ", JobLifecycle.StateNames)}. Found: {state}."]);
        if (limit is < 1 or > 500)
            throw new JobRequestException([$"limit: must be 1 to 500. Found: {limit}."]);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var rows = await JobLedger.ListAsync(connection, after ?? long.MaxValue, lane, state, limit, cancellation);
        return TypedResults.Ok(new JobPage([.. rows.Select(JobView.Of)], rows.Count == limit ? rows[^1].Sequence : null));
    }

    private static async Task<Results<Ok<JobView>, ProblemHttpResult>> GetAsync(Guid id, IJobClient client, CancellationToken cancellation) =>
        await client.GetAsync(id, cancellation) is { } job ? TypedResults.Ok(JobView.Of(job)) : NotFound(id);

    private static async Task<Results<Ok<JobCommandDone>, ProblemHttpResult>> CommandAsync(Task<JobCommandDone> command)
    {
        var done = await command;
        return done.Outcome switch
        {
            JobCommandOutcome.Done => TypedResults.Ok(done),
            JobCommandOutcome.NotFound => NotFound(done.JobId),
            _ => TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, title: "The job's state does not take this command",
                detail: $"Job {done.JobId} is {done.State}; nothing was changed. docs/lifecycle.md lists what each state takes."),
        };
    }

    private static ProblemHttpResult NotFound(Guid id) =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such job", detail: $"There is no job {id}; ended jobs may have been removed by retention.");
}

/// <param name="Jobs">Newest first.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null on the last.</param>
public sealed record JobPage(IReadOnlyList<JobView> Jobs, long? Next);

/// <summary>A job as people see it.</summary>
public sealed record JobView(
    Guid Id, string Lane, string State, string? Reason, int Priority, DateTimeOffset SubmittedAt, DateTimeOffset AvailableAt, DateTimeOffset? DispatchedAt,
    DateTimeOffset? StartedAt, DateTimeOffset? EndedAt, int Attempts, int MaxAttempts, int TransientAttempts, int Losses, string? Failure, string? HeldFor, string? Obstacle, JobOwner? Owner, DateTimeOffset? CancelRequestedAt,
    string? DedupeKey, JsonElement Payload, JsonElement? Result)
{
    internal static JobView Of(Job job) => new(
        job.CorrelationId, job.Lane, job.State, job.Reason, job.Priority, job.SubmittedAt, job.AvailableAt, job.DispatchedAt, job.StartedAt, job.EndedAt,
        job.Attempts, job.MaxAttempts, job.TransientAttempts, job.Losses, job.Failure, job.HeldFor, job.Obstacle, job.RunId is { } run ? new JobOwner(run, job.OwnerNode, job.OwnerHost, job.OwnerPid) : null, job.CancelRequestedAt,
        job.DedupeKey, JsonElement.Parse(job.Payload), job.Result is null ? null : JsonElement.Parse(job.Result));
}

/// <summary>Who runs a job.</summary>
public sealed record JobOwner(long RunId, Guid? Node, string? Host, int? Pid);

using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Orchestrator.Contracts;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Persistence.Tasks;
using Orchestrator.Service.Delivery.Gates;
using Orchestrator.Service.Delivery.Git;
using Orchestrator.Service.Delivery.SerialGate;
using Orchestrator.Service.Delivery.Stages;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Ingress;

namespace Orchestrator.Service.Delivery;

/// <summary>Tasks over HTTP: the same that the bus endpoint and <see cref="ITaskClient"/> offer, and the serial gate.</summary>
internal static class DeliveryEndpoints
{
    private const string All = "*";

    public static void MapDelivery(this IEndpointRouteBuilder routes)
    {
        if (!routes.ServiceProvider.GetRequiredService<DeliveryOptions>().Enabled)
            return;
        var tasks = routes.MapGroup("/tasks").WithTags("Tasks");
        tasks.MapPost("/", OpenAsync).WithSummary("Open a task; answers at once with its id").ProducesValidationProblem();
        tasks.MapGet("/", ListAsync).WithSummary("Tasks, newest first; filter by repository, state and stage, go on with the answer's next").ProducesValidationProblem();
        tasks.MapGet("/{id:guid}", async Task<Results<Ok<DeliveryTask>, ProblemHttpResult>> (Guid id, ITaskClient client, CancellationToken cancellation) =>
            await client.GetAsync(id, cancellation) is { } task ? TypedResults.Ok(task) : NotFound(id)).WithSummary("One task").ProducesProblem(StatusCodes.Status404NotFound);
        tasks.MapGet("/{id:guid}/timeline", (Guid id, NpgsqlDataSource database, ITaskClient client, CancellationToken cancellation) =>
            OfAsync(id, client, database, TaskLedger.EventsAsync, cancellation)).WithSummary("What happened to it, oldest first").ProducesProblem(StatusCodes.Status404NotFound);
        tasks.MapGet("/{id:guid}/artifacts", (Guid id, NpgsqlDataSource database, ITaskClient client, CancellationToken cancellation) =>
            OfAsync(id, client, database, TaskLedger.ArtifactsAsync, cancellation)).WithSummary("What its stages left behind").ProducesProblem(StatusCodes.Status404NotFound);
        tasks.MapGet("/{id:guid}/gates", GatesAsync).WithSummary("What the gates of its stage answer now; asks them, and changes nothing").ProducesProblem(StatusCodes.Status404NotFound);
        tasks.MapPost("/{id:guid}/retry", (Guid id, ITaskClient client, CancellationToken cancellation) => CommandAsync(client.RetryStageAsync(id, cancellation)))
            .WithSummary("Begin the stage of a held, failed, waiting or cancelled task anew, or release its held job")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        tasks.MapPost("/{id:guid}/cancel", (Guid id, [FromQuery] string? reason, ITaskClient client, CancellationToken cancellation) => CommandAsync(client.CancelAsync(id, reason, cancellation)))
            .WithSummary("End a task and its job").ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

        var gate = routes.MapGroup("/serial-gate").WithTags("Serial gate");
        gate.MapGet("/", (SerialGateReport report, CancellationToken cancellation) => report.ReadAsync(cancellation)).WithSummary("Every repository with its line of open tasks, pauses and freezes");
        gate.MapPost("/pause", (GateCommand body, ITaskClient client, CancellationToken cancellation) => CommandAsync(client.PauseAsync(body.Task, body.Reason, cancellation)))
            .WithSummary("Let the next task of the repository go on before this one, until it is resumed")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        gate.MapPost("/resume", (GateCommand body, ITaskClient client, CancellationToken cancellation) => CommandAsync(client.ResumeAsync(body.Task, cancellation)))
            .WithSummary("Put a paused task back into its old place")
            .ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        gate.MapPost("/freeze", async (FreezeCommand body, NpgsqlDataSource database, TimeProvider time, CancellationToken cancellation) =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            await TaskLedger.FreezeAsync(connection, await NamedAsync(connection, body, cancellation), time.GetUtcNow(), body.Reason is null ? null : Reason.Storable(body.Reason), cancellation);
            return TypedResults.NoContent();
        }).WithSummary("Begin nothing of a repository, or of all (*), until it is thawed; the order stays").ProducesValidationProblem();
        gate.MapPost("/thaw", async Task<Results<NoContent, ProblemHttpResult>> (FreezeCommand body, NpgsqlDataSource database, TaskDriver driver, CancellationToken cancellation) =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            var name = await NamedAsync(connection, body, cancellation);
            await TaskLedger.ThawAsync(connection, name, cancellation);
            driver.Wake();
            return name == All || !(await TaskLedger.FrozenAsync(connection, cancellation)).Any(frozen => frozen.Name == All) ? TypedResults.NoContent()
                : TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, title: "All repositories are frozen", detail: $"{name} has no freeze of its own any more, and begins nothing all the same: all repositories are frozen. Thaw {All}.");
        }).WithSummary("Let a frozen repository, or all (*), go on").ProducesValidationProblem().ProducesProblem(StatusCodes.Status409Conflict);

        var holds = routes.MapGroup("/holds").WithTags("Tasks");
        holds.MapGet("/", async (NpgsqlDataSource database, CancellationToken cancellation) =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            return await TaskLedger.ListAsync(connection, long.MaxValue, null, nameof(TaskLifecycle.Held), null, 500, cancellation);
        }).WithSummary("Held tasks with their reasons, newest first; at most 500");
        holds.MapPost("/{id:guid}/release", (Guid id, ITaskClient client, CancellationToken cancellation) => CommandAsync(client.RetryStageAsync(id, cancellation)))
            .WithSummary("Let a held task go on").ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<Results<Accepted<TaskAccepted>, Ok<TaskAccepted>>> OpenAsync(OpenTask body, ITaskClient client, CancellationToken cancellation)
    {
        var task = await client.OpenAsync(body, cancellation);
        return task.Duplicate ? TypedResults.Ok(task) : TypedResults.Accepted($"/tasks/{task.TaskId}", task);
    }

    private static async Task<Ok<TaskPage>> ListAsync(
        NpgsqlDataSource database, CancellationToken cancellation, [FromQuery] string? repository = null, [FromQuery] string? state = null, [FromQuery] string? stage = null,
        [FromQuery] long? after = null, [FromQuery] int limit = 50)
    {
        if (state is not null && !TaskLifecycle.StateNames.Contains(state))
            throw new JobRequestException([$"state: must be one of {string.Join(", ", TaskLifecycle.StateNames)}. Found: {state}."]);
        if ((repository + stage).Any(char.IsControl))
            throw new JobRequestException(["repository, stage: must have no control characters."]);
        if (limit is < 1 or > 500)
            throw new JobRequestException([$"limit: must be 1 to 500. Found: {limit}."]);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var spelled = repository is null ? null : await TaskLedger.SpellingAsync(connection, repository, cancellation);
        var rows = await TaskLedger.ListAsync(connection, after ?? long.MaxValue, spelled, state, stage, limit, cancellation);
        return TypedResults.Ok(new TaskPage(rows, rows.Count == limit ? rows[^1].Sequence : null));
    }

    private static async Task<Results<Ok<List<T>>, ProblemHttpResult>> OfAsync<T>(
        Guid id, ITaskClient client, NpgsqlDataSource database, Func<NpgsqlConnection, Guid, CancellationToken, Task<List<T>>> read, CancellationToken cancellation)
    {
        if (await client.GetAsync(id, cancellation) is null)
            return NotFound(id);
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return TypedResults.Ok(await read(connection, id, cancellation));
    }

    private static async Task<Results<Ok<List<GateResult>>, ProblemHttpResult>> GatesAsync(
        Guid id, ITaskClient client, GateRegistry gates, DeliveryPipeline pipeline, CancellationToken cancellation)
    {
        if (await client.GetAsync(id, cancellation) is not { } task)
            return NotFound(id);
        return pipeline.Find(task.Stage) is { } stage ? TypedResults.Ok(await gates.AskAsync(task, stage, [.. stage.Enter, .. stage.Gates], cancellation)) : TypedResults.Ok(new List<GateResult>());
    }

    private static async Task<Results<Ok<TaskCommandDone>, ProblemHttpResult>> CommandAsync(Task<TaskCommandDone> command)
    {
        var done = await command;
        return done.Outcome switch
        {
            JobCommandOutcome.Done => TypedResults.Ok(done),
            JobCommandOutcome.NotFound => NotFound(done.TaskId),
            _ => TypedResults.Problem(statusCode: StatusCodes.Status409Conflict, title: "The task's state does not take this", detail: $"Task {done.TaskId} is {done.State}; nothing changed."),
        };
    }

    private static async Task<string> NamedAsync(NpgsqlConnection connection, FreezeCommand body, CancellationToken cancellation) => body.Repository == All || RepositoryName.Of(body.Repository ?? "") is not null
        ? await TaskLedger.SpellingAsync(connection, body.Repository!, cancellation)
        : throw new JobRequestException(["repository: must be owner/name, or * for all."]);

    private static ProblemHttpResult NotFound(Guid id) =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such task", detail: $"There is no task {id}.");
}

/// <param name="Tasks">Newest first.</param>
/// <param name="Next">Give it as <c>after</c> to go on; null at the end.</param>
internal sealed record TaskPage(IReadOnlyList<DeliveryTask> Tasks, long? Next);

/// <param name="Task">The task.</param>
/// <param name="Reason">Shown to people.</param>
internal sealed record GateCommand(Guid Task, string? Reason = null);

/// <param name="Repository">owner/name, or * for all.</param>
/// <param name="Reason">Shown to people.</param>
internal sealed record FreezeCommand(string Repository, string? Reason = null);

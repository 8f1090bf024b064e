using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Dispatch;

namespace Orchestrator.Service.Http;

/// <summary>Lanes for operators: what they may do, who works in them, and their pause.</summary>
internal static class LaneEndpoints
{
    public static void MapLanes(this IEndpointRouteBuilder routes)
    {
        var lanes = routes.MapGroup("/lanes").WithTags("Lanes");
        lanes.MapGet("/", (NpgsqlDataSource database, CancellationToken cancellation) => LaneLedger.AllAsync(database, cancellation))
            .WithSummary("Every lane with its limit over all nodes, its pause and the live nodes that work in it");
        lanes.MapPost("/{name}/pause", PauseAsync).WithSummary("Dispatch and claim nothing of a lane until it is resumed, also after restarts; what runs goes on")
            .ProducesProblem(StatusCodes.Status404NotFound);
        lanes.MapPost("/{name}/resume", ResumeAsync).WithSummary("Open a lane again")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> PauseAsync(
        string name, NpgsqlDataSource database, WorkSignal signal, TimeProvider time, CancellationToken cancellation, [FromQuery] string? reason = null)
    {
        if (!await LaneLedger.PauseAsync(database, name, time.GetUtcNow(), reason is null ? null : Reason.Storable(reason), cancellation))
            return await NotFoundAsync(name, database, cancellation);
        signal.Submitted(name); // every node looks at the lane now, and shuts its gate
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> ResumeAsync(string name, NpgsqlDataSource database, WorkSignal signal, CancellationToken cancellation)
    {
        if (!await LaneLedger.ResumeAsync(database, name, cancellation))
            return await NotFoundAsync(name, database, cancellation);
        signal.Submitted(name);
        return TypedResults.NoContent();
    }

    private static async Task<ProblemHttpResult> NotFoundAsync(string name, NpgsqlDataSource database, CancellationToken cancellation) =>
        TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such lane",
            detail: $"There is no lane '{Reason.Storable(name)}'. Lanes: {string.Join(", ", (await LaneLedger.AllAsync(database, cancellation)).Select(lane => lane.Name))}.");
}

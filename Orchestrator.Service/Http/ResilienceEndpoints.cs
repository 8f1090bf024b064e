using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Orchestrator.Persistence.Breakers;
using Orchestrator.Persistence.Runs;
using Orchestrator.Service.Ingress;
using Orchestrator.Service.Reaper;
using Orchestrator.Service.Resilience;

namespace Orchestrator.Service.Http;

/// <summary>What keeps lanes from being claimed, and what was taken from its owners.</summary>
internal static class ResilienceEndpoints
{
    private const int Shown = 20;

    public static void MapResilience(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/breakers", async (NpgsqlDataSource database, CancellationToken cancellation) =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellation);
            return await BreakerLedger.AllAsync(connection, cancellation);
        }).WithTags("Resilience").WithSummary("Every breaker that has seen a failure, of lanes and of accounts");
        routes.MapPost("/breakers/{scope}/{name}/close", CloseAsync).WithTags("Resilience").WithSummary("Close a breaker of a lane or a credential by hand: its lanes are claimed again at once")
            .ProducesValidationProblem().ProducesProblem(StatusCodes.Status404NotFound);
    }

    /// <summary>The block <c>resilience</c> of <c>GET /queue</c>.</summary>
    public static async Task<object?> ReadAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return new { Breakers = await BreakerLedger.AllAsync(connection, cancellation), Preflights = await PreflightLedger.AllAsync(connection, cancellation) };
    }

    /// <summary>The block <c>reaper</c> of <c>GET /queue</c>.</summary>
    public static async Task<object?> ReadReaperAsync(NpgsqlDataSource database, ReaperOptions options, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return new { options.Enabled, options.DeadTicks, options.FinalizeGrace, options.MaxRunning, options.MonitorCap, Last = await RunLedger.LatestAsync(connection, Shown, cancellation) };
    }

    /// <summary>The block <c>sanitizer</c> of <c>GET /queue</c>: of the answering node.</summary>
    public static object Read(Sanitizer sanitizer, ReaperOptions options) =>
        new { Enabled = options.SanitizerEnabled, sanitizer.Seen.ImpossibleQueuedTotal, sanitizer.Seen.Last };

    private static async Task<Results<NoContent, ProblemHttpResult>> CloseAsync(string scope, string name, Breakers breakers, CancellationToken cancellation)
    {
        if (!Enum.GetNames<BreakerScope>().Contains(scope, StringComparer.OrdinalIgnoreCase))
            throw new JobRequestException([$"scope: must be lane or credential. Found: {scope}."]);
        return await breakers.CloseAsync(Enum.Parse<BreakerScope>(scope, ignoreCase: true), name, cancellation)
            ? TypedResults.NoContent()
            : TypedResults.Problem(statusCode: StatusCodes.Status404NotFound, title: "No such breaker is open",
                detail: $"No breaker of {scope.ToLowerInvariant()} '{Persistence.Jobs.Reason.Storable(name)}' is open or half open; nothing was changed. GET /breakers lists them.");
    }
}

using Npgsql;
using Orchestrator.Service.Nodes;

namespace Orchestrator.Service.Http;

internal static class Health
{
    /// <summary>Live: the process answers. Ready: it holds its lease, and the bus and the database answer.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => Results.Ok(new { status = "live" })).WithTags("Health").WithSummary("The process answers");
        app.MapGet("/health/ready", ReadyAsync).WithTags("Health").WithSummary("The node may take work")
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
    }

    private static async Task<IResult> ReadyAsync(NpgsqlDataSource database, NodeLease lease, IServiceProvider services, CancellationToken cancellation)
    {
        var problems = new List<string>();
        if (!lease.IsHeld)
            problems.Add("The node does not hold its lease; it takes no work until it can renew it.");
        try
        {
            await using var command = database.CreateCommand("SELECT 1");
            await command.ExecuteScalarAsync(cancellation);
        }
        catch (NpgsqlException exception)
        {
            // Its own words name hosts and users, which are nobody's business here.
            problems.Add(exception is PostgresException { SqlState: var state }
                ? $"The database refuses (SQLSTATE {state}); its log says why."
                : "The database can't be reached; check that it runs, and Orchestrator:Database:ConnectionString.");
        }

        var bus = services.GetService<MassTransit.IBusControl>()?.CheckHealth();
        if (bus is { Status: not MassTransit.BusHealthStatus.Healthy })
            problems.Add($"The bus is {bus.Status}: {bus.Description}");
        return problems.Count == 0
            ? Results.Ok(new { status = "ready" })
            : Results.Problem(statusCode: StatusCodes.Status503ServiceUnavailable, title: "Not ready", detail: string.Join(" ", problems));
    }
}

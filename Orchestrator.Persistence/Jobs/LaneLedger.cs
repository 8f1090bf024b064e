using Npgsql;
using static Orchestrator.Persistence.SqlCommands;

namespace Orchestrator.Persistence.Jobs;

/// <summary>The statements of <c>LaneLedger.sql</c>, typed.</summary>
public static class LaneLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("LaneLedger.sql");

    public static Task<List<LaneRow>> AllAsync(NpgsqlDataSource database, CancellationToken cancellation) =>
        Sql.Command(database, "all").ListAsync(
            r => new LaneRow(r.GetString(0), r.OrNull<int>(1), r.TimeOrNull(2), r.TextOrNull(3), r.GetFieldValue<Guid[]>(4)), cancellation);

    /// <returns>False if there is no such lane.</returns>
    public static async Task<bool> PauseAsync(NpgsqlDataSource database, string lane, DateTimeOffset now, string? reason, CancellationToken cancellation) =>
        await Sql.Command(database, "pause", lane, now, Text(reason)).ScalarAsync<object?>(cancellation) is not null;

    /// <returns>False if there is no such lane.</returns>
    public static async Task<bool> ResumeAsync(NpgsqlDataSource database, string lane, CancellationToken cancellation) =>
        await Sql.Command(database, "resume", lane).ScalarAsync<object?>(cancellation) is not null;
}

/// <summary>A lane as all nodes know it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="MaxRunning">Runs at once over all nodes; null for no limit.</param>
/// <param name="PausedAt">Since when nothing of it is dispatched or claimed; null if it is open.</param>
/// <param name="PauseReason">Why.</param>
/// <param name="Nodes">Live nodes that work in it.</param>
public sealed record LaneRow(string Name, int? MaxRunning, DateTimeOffset? PausedAt, string? PauseReason, Guid[] Nodes);

using Npgsql;
using static Orchestrator.Persistence.SqlCommands;

namespace Orchestrator.Persistence.Alerts;

/// <summary>The statements of <c>AlertLedger.sql</c>, typed. Decides nothing.</summary>
public static class AlertLedger
{
    private static readonly SqlFile Sql = SqlFile.Embedded("AlertLedger.sql");

    /// <summary>Takes the telling of this kind about this subject for a window.</summary>
    /// <returns>False if somebody took it within the window; of several at once one gets true.</returns>
    public static async Task<bool> TellAsync(NpgsqlDataSource database, string kind, string subject, TimeSpan window, CancellationToken cancellation) =>
        await Sql.Command(database, "tell", kind, subject, window).ExecuteAsync(cancellation) == 1;

    /// <returns>How many rows were older than that, at most <paramref name="limit"/>.</returns>
    public static Task<int> ForgetAsync(NpgsqlDataSource database, TimeSpan age, int limit, CancellationToken cancellation) =>
        Sql.Command(database, "forget", age, limit).ExecuteAsync(cancellation);

    /// <summary>Remembers how many messages a queue of dead letters holds, unless more came within the window after it was told.</summary>
    /// <returns>How many are to be told now: those that came since it was told last.</returns>
    public static Task<long> DeadLettersAsync(NpgsqlDataSource database, string queue, long messages, TimeSpan window, CancellationToken cancellation) =>
        Sql.Command(database, "dead_letters", queue, messages, window).ScalarAsync<long>(cancellation);

    /// <summary>Forgets queues that are not there any more.</summary>
    public static Task ForgetQueuesAsync(NpgsqlDataSource database, string[] present, CancellationToken cancellation) =>
        Sql.Command(database, "forget_queues", (object)present).ExecuteAsync(cancellation);
}

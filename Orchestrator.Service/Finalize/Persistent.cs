using System.Net.Sockets;
using Npgsql;

namespace Orchestrator.Service.Finalize;

/// <summary>Repeats a short transaction while the database can't be reached. Safe because every one of them is guarded by the state and run it leaves.</summary>
/// <remarks>The message stays protected meanwhile, so no receive count is spent on an outage.</remarks>
internal sealed class Persistent(TimeProvider time, ILogger<Persistent> log)
{
    /// <summary>This process stalled inside a transaction, and the server took its locks away.</summary>
    private const string IdleInTransaction = "25P03";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public async Task<T> CarryOutAsync<T>(string what, Guid job, Func<Task<T>> transaction, CancellationToken cancellation)
    {
        for (var pause = TimeSpan.FromMilliseconds(50);; pause = pause * 2 < Longest ? pause * 2 : Longest)
        {
            try
            {
                return await transaction();
            }
            catch (Exception exception) when (IsPassing(exception) && !cancellation.IsCancellationRequested)
            {
                log.Repeating(what, job, pause, exception);
                await Task.Delay(pause, time, cancellation);
            }
        }
    }

    internal static bool IsPassing(Exception exception) => exception switch
    {
        PostgresException postgres => postgres.IsTransient || postgres.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown
            or PostgresErrorCodes.CannotConnectNow or IdleInTransaction,
        NpgsqlException => true,
        TimeoutException or SocketException or IOException => true,
        _ => exception.InnerException is { } inner && IsPassing(inner),
    };
}

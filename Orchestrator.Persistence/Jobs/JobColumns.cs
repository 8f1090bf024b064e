using System.Runtime.CompilerServices;
using Npgsql;

namespace Orchestrator.Persistence.Jobs;

/// <summary>Reads a job from a row of <c>SELECT *</c>: by name once per result, by position after that.</summary>
internal static class JobColumns
{
    private static readonly ConditionalWeakTable<NpgsqlDataReader, Ordinals> Known = [];

    public static Job Read(NpgsqlDataReader row)
    {
        // A reader object is reused by its connection for other statements, hence the check of the field count.
        if (!Known.TryGetValue(row, out var at) || at.FieldCount != row.FieldCount)
        {
            at = new Ordinals(row);
            Known.AddOrUpdate(row, at);
        }

        return new Job
        {
            CorrelationId = row.GetGuid(at.Id),
            Sequence = row.GetInt64(at.Sequence),
            Lane = row.GetString(at.Lane),
            State = row.GetString(at.State),
            Priority = row.GetInt32(at.Priority),
            SubmittedAt = row.GetFieldValue<DateTimeOffset>(at.SubmittedAt),
            AvailableAt = row.GetFieldValue<DateTimeOffset>(at.AvailableAt),
            Due = row.GetBoolean(at.Due),
            DispatchedAt = Maybe<DateTimeOffset>(at.DispatchedAt),
            DispatchedBy = Maybe<Guid>(at.DispatchedBy),
            RunId = Maybe<long>(at.RunId),
            OwnerNode = Maybe<Guid>(at.OwnerNode),
            OwnerHost = Text(at.OwnerHost),
            OwnerPid = Maybe<int>(at.OwnerPid),
            OwnerProcessStart = Maybe<long>(at.OwnerProcessStart),
            StartedAt = Maybe<DateTimeOffset>(at.StartedAt),
            EndedAt = Maybe<DateTimeOffset>(at.EndedAt),
            Attempts = row.GetInt32(at.Attempts),
            MaxAttempts = row.GetInt32(at.MaxAttempts),
            Losses = row.GetInt32(at.Losses),
            TransientAttempts = row.GetInt32(at.TransientAttempts),
            Failure = Text(at.Failure),
            HeldFor = Text(at.HeldFor),
            ProcessRun = Maybe<long>(at.ProcessRun),
            LogRun = Maybe<long>(at.LogRun),
            LogHost = Text(at.LogHost),
            Obstacle = Text(at.Obstacle),
            ObstacleSince = Maybe<DateTimeOffset>(at.ObstacleSince),
            CancelRequestedAt = Maybe<DateTimeOffset>(at.CancelRequestedAt),
            Reason = Text(at.Reason),
            DedupeKey = Text(at.DedupeKey),
            Announce = row.GetBoolean(at.Announce),
            Payload = row.GetString(at.Payload),
            Result = Text(at.Result),
        };

        T? Maybe<T>(int ordinal) where T : struct => row.IsDBNull(ordinal) ? null : row.GetFieldValue<T>(ordinal);
        string? Text(int ordinal) => row.IsDBNull(ordinal) ? null : row.GetString(ordinal);
    }

    private sealed class Ordinals(NpgsqlDataReader row)
    {
        public readonly int FieldCount = row.FieldCount;
        public readonly int Id = row.GetOrdinal("id"), Sequence = row.GetOrdinal("seq"), Lane = row.GetOrdinal("lane"), State = row.GetOrdinal("state"), Priority = row.GetOrdinal("priority"),
            SubmittedAt = row.GetOrdinal("submitted_at"), AvailableAt = row.GetOrdinal("available_at"), Due = row.GetOrdinal("due"),
            DispatchedAt = row.GetOrdinal("dispatched_at"), DispatchedBy = row.GetOrdinal("dispatched_by"), RunId = row.GetOrdinal("run_id"),
            OwnerNode = row.GetOrdinal("owner_node"), OwnerHost = row.GetOrdinal("owner_host"), OwnerPid = row.GetOrdinal("owner_pid"),
            OwnerProcessStart = row.GetOrdinal("owner_process_start"), StartedAt = row.GetOrdinal("started_at"), EndedAt = row.GetOrdinal("ended_at"),
            Attempts = row.GetOrdinal("attempts"), MaxAttempts = row.GetOrdinal("max_attempts"), Losses = row.GetOrdinal("losses"),
            CancelRequestedAt = row.GetOrdinal("cancel_requested_at"), Reason = row.GetOrdinal("reason"), DedupeKey = row.GetOrdinal("dedupe_key"),
            Announce = row.GetOrdinal("announce"), Payload = row.GetOrdinal("payload"), Result = row.GetOrdinal("result"),
            TransientAttempts = row.GetOrdinal("transient_attempts"), Failure = row.GetOrdinal("failure"), HeldFor = row.GetOrdinal("held_for"),
            ProcessRun = row.GetOrdinal("process_run"), LogRun = row.GetOrdinal("log_run"), LogHost = row.GetOrdinal("log_host"), Obstacle = row.GetOrdinal("obstacle"), ObstacleSince = row.GetOrdinal("obstacle_since");
    }
}

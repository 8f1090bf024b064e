using System.Text.Json;

namespace Orchestrator.Service.Ingress;

/// <summary>One job to be enqueued.</summary>
/// <param name="Lane">Name of a configured lane.</param>
/// <param name="Payload">JSON object for the lane's handler; at most 256 KiB.</param>
public sealed record JobRequest(string Lane, string Payload = "{}")
{
    /// <summary>Payload limit in bytes of UTF-8.</summary>
    public const int MaxPayload = 256 * 1024;

    /// <summary>How deeply a payload may nest. Readers of JSON commonly stop at 64, and answers hold payloads some levels down.</summary>
    public const int MaxDepth = 48;

    /// <summary>Higher goes first; -1000 to 1000.</summary>
    public int Priority { get; init; }

    /// <summary>Not before this time; at once if absent.</summary>
    public DateTimeOffset? AvailableAt { get; init; }

    /// <summary>A second submission with the same key in the same lane finds the first job; at most 400 characters.</summary>
    public string? DedupeKey { get; init; }

    /// <summary>Runs that may fail before the job is failed, 1 to 100; the lane's setting if absent.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>Publish <see cref="Contracts.JobEnded"/> when the job ends.</summary>
    public bool Announce { get; init; }

    /// <summary>A request whose payload is a value, written as JSON.</summary>
    public static JobRequest For<T>(string lane, T payload) => new(lane, JsonSerializer.Serialize(payload, Run.JobRun.Json));
}

/// <summary>A stored job.</summary>
/// <param name="JobId">Its id; the first submission's if <paramref name="Duplicate"/>.</param>
/// <param name="Duplicate">A job with the same dedupe key was there already.</param>
public sealed record SubmittedJob(Guid JobId, bool Duplicate);

/// <summary>A request breaks a rule; nothing was stored.</summary>
public sealed class JobRequestException(IReadOnlyList<string> errors) : Exception(string.Join(" ", errors))
{
    /// <summary>One sentence per broken rule.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}

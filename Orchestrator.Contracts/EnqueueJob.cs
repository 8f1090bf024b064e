using System.Text.Json;

namespace Orchestrator.Contracts;

/// <summary>Asks for one job. Send it to <c>queue:orchestrator-jobs</c>; the answer is <see cref="JobAccepted"/> or <see cref="JobRejected"/>.</summary>
/// <remarks>The same request by HTTP is <c>POST /jobs</c>, in code <c>IJobClient.SubmitAsync</c>.</remarks>
public sealed record EnqueueJob
{
    /// <summary>Name of a configured lane.</summary>
    public required string Lane { get; init; }

    /// <summary>What the lane's handler reads: a JSON object, at most 256 KiB; empty if absent.</summary>
    public JsonElement Payload { get; init; } = JsonElement.Parse("{}");

    /// <summary>Higher goes first; -1000 to 1000.</summary>
    public int Priority { get; init; }

    /// <summary>Not before this time; at once if absent or in the past.</summary>
    public DateTimeOffset? AvailableAt { get; init; }

    /// <summary>A second submission with the same key in the same lane returns the first job; at most 400 characters.</summary>
    public string? DedupeKey { get; init; }

    /// <summary>Runs that may fail before the job is failed, 1 to 100; the lane's setting if absent.</summary>
    public int? MaxAttempts { get; init; }

    /// <summary>Publish <see cref="JobEnded"/> when the job ends.</summary>
    public bool Announce { get; init; }
}

/// <summary>The job is stored and will run.</summary>
/// <param name="JobId">The job's id, of the first submission if <paramref name="Duplicate"/>.</param>
/// <param name="Duplicate">True if a job with the same dedupe key was there already.</param>
public sealed record JobAccepted(Guid JobId, bool Duplicate);

/// <summary>The request breaks a rule and was not stored.</summary>
/// <param name="Errors">One sentence per broken rule: what, where, why and the remedy.</param>
public sealed record JobRejected(IReadOnlyList<string> Errors);

using System.Text.Json;
using Orchestrator.Persistence.Jobs;

namespace Orchestrator.Service.Run;

/// <summary>One attempt at one job by one owner.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Lane">Its lane.</param>
/// <param name="RunId">Fencing token: a later run of any job has a larger one.</param>
/// <param name="Attempt">1 for the first run; runs lost with their node are not counted.</param>
/// <param name="MaxAttempts">The last attempt's number.</param>
/// <param name="Payload">The job's JSON object.</param>
public sealed record JobRun(Guid JobId, string Lane, long RunId, int Attempt, int MaxAttempts, string Payload)
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    internal static JobRun Of(Job job) => new(job.Id, job.Lane, job.RunId!.Value, job.Attempts + 1, job.MaxAttempts, job.Payload);

    /// <summary>The payload as a value.</summary>
    /// <exception cref="JsonException">It does not fit the type.</exception>
    public T Read<T>() => JsonSerializer.Deserialize<T>(Payload, Json)
                          ?? throw new JsonException($"The payload of job {JobId} is null where {typeof(T).Name} is expected.");
}

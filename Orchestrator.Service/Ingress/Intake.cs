using System.Globalization;
using System.Text;
using System.Text.Json;
using FuzzySharp;
using Npgsql;
using Orchestrator.Persistence.Jobs;
using Orchestrator.Service.Classify;
using Orchestrator.Service.Lifecycle;
using Orchestrator.Service.Processes;
using Orchestrator.Service.Receive;

namespace Orchestrator.Service.Ingress;

/// <summary>Validates requests and stores them as queued jobs: one insert for any number, in the caller's transaction if there is one.</summary>
internal sealed class Intake(Transitions transitions, LanesOptions lanes, CommandBook book)
{
    private const int LongestShown = 80;

    /// <exception cref="JobRequestException">A request breaks a rule; nothing is stored.</exception>
    public async Task<IReadOnlyList<SubmittedJob>> InsertAsync(
        NpgsqlConnection connection, IReadOnlyList<JobRequest> requests, DateTimeOffset now, CancellationToken cancellation)
    {
        var errors = requests.SelectMany(Errors).ToList();
        if (errors.Count > 0)
            throw new JobRequestException(errors);

        var jobs = new List<Job>(requests.Count);
        var events = transitions.Collect(); // a submission publishes nothing
        foreach (var request in requests)
        {
            var job = new Job
            {
                CorrelationId = Guid.CreateVersion7(now),
                Lane = request.Lane,
                Priority = request.Priority,
                SubmittedAt = now,
                AvailableAt = request.AvailableAt is { } at && at > now ? at.ToUniversalTime() : now,
                MaxAttempts = request.MaxAttempts ?? lanes[request.Lane].MaxAttempts,
                DedupeKey = request.DedupeKey,
                Announce = request.Announce,
                Payload = request.Payload,
            };
            await transitions.ApplyAsync(job, new Enqueued(Due: job.AvailableAt <= now), events);
            jobs.Add(job);
        }

        HashSet<Guid> inserted = [];
        Dictionary<(string Lane, string Key), Guid> first = [];
        List<Job> open = jobs;
        while (open.Count > 0)
        {
            inserted.UnionWith(await StoreAsync(connection, open, cancellation));
            List<Job> taken = [.. open.Where(j => !inserted.Contains(j.Id))];
            var found = taken.Count == 0 ? [] : await JobLedger.FindByDedupeKeyAsync(connection, [.. taken.Select(j => (j.Lane, j.DedupeKey!)).Distinct()], cancellation);
            foreach (var (key, id) in found)
                first[key] = id;
            open = [.. taken.Where(j => !first.ContainsKey((j.Lane, j.DedupeKey!)))]; // retention has dropped the first job just now: this one is the first
        }

        return [.. jobs.Select(j => inserted.Contains(j.Id) ? new SubmittedJob(j.Id, false) : new SubmittedJob(first[(j.Lane, j.DedupeKey!)], true))];
    }

    private static async Task<HashSet<Guid>> StoreAsync(NpgsqlConnection connection, IReadOnlyList<Job> jobs, CancellationToken cancellation)
    {
        try
        {
            return await JobLedger.InsertAsync(connection, jobs, cancellation);
        }
        catch (PostgresException unstorable) when (unstorable.SqlState.StartsWith("22", StringComparison.Ordinal))
        {
            // JSON allows more than jsonb can hold, endless numbers and half characters among it; only the server knows all of it.
            throw new JobRequestException([$"payload: PostgreSQL can't store it: {unstorable.MessageText}."]);
        }
    }

    private IEnumerable<string> Errors(JobRequest request)
    {
        if (request.Lane is not { Length: > 0 } named) // JSON has null where the type has none
        {
            yield return $"lane: must name a lane. Lanes: {string.Join(", ", lanes.Keys)}.";
        }
        else if (!lanes.ContainsKey(named))
        {
            var found = Ellipsis.Of(named, LongestShown);
            var nearest = lanes.Keys.MaxBy(name => Fuzz.Ratio(name, found));
            yield return nearest is null
                ? $"lane: '{found}' is not a lane; none is configured. Add it under Orchestrator:Lanes."
                : $"lane: '{found}' is not a lane. Did you mean '{nearest}'? Lanes: {string.Join(", ", lanes.Keys)}.";
        }

        if (request.Priority is < -1000 or > 1000)
            yield return string.Create(CultureInfo.InvariantCulture, $"priority: must be -1000 to 1000. Found: {request.Priority}.");
        if (request.MaxAttempts is < 1 or > 100)
            yield return string.Create(CultureInfo.InvariantCulture, $"maxAttempts: must be 1 to 100, or absent for the lane's setting. Found: {request.MaxAttempts}.");
        if (request.DedupeKey is { Length: 0 or > 400 })
            yield return string.Create(CultureInfo.InvariantCulture, $"dedupeKey: must have 1 to 400 characters, or be absent. Found: {request.DedupeKey.Length}.");
        if (request.DedupeKey?.Contains('\0') == true)
            yield return "dedupeKey: must not contain the character NUL, which PostgreSQL can't store.";
        if (Encoding.UTF8.GetByteCount(request.Payload) is var size && size > JobRequest.MaxPayload)
            yield return string.Create(CultureInfo.InvariantCulture, $"payload: must be at most {JobRequest.MaxPayload} bytes; put large input into the bucket and name it. Found: {size}.");
        else if (IsObject(request.Payload))
        {
            if (request.Lane is { } lane && lanes.TryGetValue(lane, out var options) && options.IsProcess && book.Prepare(lane, request.Payload, out var broken) is null)
            {
                foreach (var error in broken)
                    yield return error;
            }
        }
        else
            yield return string.Create(CultureInfo.InvariantCulture, $"payload: must be a JSON object that PostgreSQL can store (no NUL characters), nested at most {JobRequest.MaxDepth} deep.");
    }

    private static bool IsObject(string payload)
    {
        try
        {
            using var json = JsonDocument.Parse(payload, new JsonDocumentOptions { MaxDepth = JobRequest.MaxDepth });
            return json.RootElement.ValueKind == JsonValueKind.Object && !payload.Contains("\\u0000", StringComparison.OrdinalIgnoreCase);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

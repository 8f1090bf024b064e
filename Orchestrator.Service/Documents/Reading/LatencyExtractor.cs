namespace Orchestrator.Service.Documents.Reading;

/// <summary>How long an extraction takes at least, to rehearse with slow ones.</summary>
public sealed class LatencyOptions
{
    /// <summary>The shortest time of one extraction, zero or more.</summary>
    public TimeSpan Min { get; init; } = TimeSpan.Zero;

    /// <summary>The longest time of one extraction, at least <see cref="Min"/>.</summary>
    public TimeSpan Max { get; init; } = TimeSpan.Zero;

    /// <summary>Seed of the times in between, so that a rehearsal can be repeated; null for other times on each start.</summary>
    public int? Seed { get; init; }
}

/// <summary>Does the real work of another extractor and then waits until a set time has passed, as if the work had been that heavy.</summary>
public sealed class LatencyExtractor(IDocumentExtractor inner, LatencyOptions options, TimeProvider time) : IDocumentExtractor
{
    private readonly Lock _lock = new();
    private readonly Random _random = options.Seed is { } seed ? new Random(seed) : new Random();

    /// <inheritdoc />
    public string Id => inner.Id;

    /// <inheritdoc />
    public string Version => inner.Version;

    /// <inheritdoc />
    public bool CanHandle(DocumentProbe probe) => inner.CanHandle(probe);

    /// <inheritdoc />
    public async Task<ExtractionResult> ExtractAsync(DocumentFile file, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var wanted = Next();
        var result = await inner.ExtractAsync(file, cancellation);
        var rest = wanted - time.GetElapsedTime(started);
        if (rest > TimeSpan.Zero)
        {
            await Task.Delay(rest, time, cancellation);
        }

        return result;
    }

    private TimeSpan Next()
    {
        lock (_lock)
        {
            return options.Min + (options.Max - options.Min) * _random.NextDouble();
        }
    }
}

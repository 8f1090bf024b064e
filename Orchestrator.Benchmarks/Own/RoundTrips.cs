using System.Diagnostics.Metrics;

namespace Orchestrator.Benchmarks.Own;

/// <summary>Counts what this process sends to PostgreSQL: Npgsql measures the duration of every command or batch, which is one round trip each.</summary>
internal sealed class RoundTrips : IDisposable
{
    private readonly MeterListener _listener = new();
    private long _count;

    public RoundTrips()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Npgsql" && instrument.Name == "db.client.operation.duration")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref _count));
        _listener.Start();
    }

    public long Count => Interlocked.Read(ref _count);

    public void Dispose() => _listener.Dispose();
}

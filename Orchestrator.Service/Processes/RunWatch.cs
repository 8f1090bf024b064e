using System.Text.Json;

namespace Orchestrator.Service.Processes;

/// <summary>What one supervisor observes of one run, from the moment it took it up.</summary>
internal sealed class RunWatch
{
    private const int Chunk = 1 << 20;
    private const int TicksPerSecond = 100; // USER_HZ of every Linux that .NET runs on

    private readonly RunFolder _folder;
    private readonly ProcessTree _tree;
    private readonly RunLimits _limits;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly TimeSpan _ranBefore;
    private long _moved, _size, _cpu, _cpuAt = -1;
    private long? _resultAt;
    private byte[] _line = [];

    /// <param name="folder">The run's.</param>
    /// <param name="tree">Its processes.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="ranBefore">For how long it ran before this watch began; zero if it has just been started.</param>
    /// <param name="time">The clock.</param>
    public RunWatch(RunFolder folder, ProcessTree tree, RunLimits limits, TimeSpan ranBefore, TimeProvider time)
    {
        (_folder, _tree, _limits, _time, _began, _ranBefore) = (folder, tree, limits, time, time.GetTimestamp(), ranBefore > TimeSpan.Zero ? ranBefore : TimeSpan.Zero);
        _moved = _began;
    }

    public Watchdog Look()
    {
        var now = _time.GetTimestamp();
        ReadLog(now);
        // The processor is looked at only where the log alone would end the run: that costs a walk through all processes.
        if (_time.GetElapsedTime(_moved, now) >= _limits.IdleTime / 2 && (_cpuAt < 0 || _time.GetElapsedTime(_cpuAt, now) >= _limits.IdleTime / 8))
            LookAtProcessor(now);

        return WatchdogDecision.Decide(
            new Observation(_ranBefore + _time.GetElapsedTime(_began, now), _time.GetElapsedTime(_moved, now), _resultAt is { } at ? _time.GetElapsedTime(at, now) : null, _size), _limits);
    }

    // A program that only waits uses a tick now and then: a hundredth of a core is work, less is none.
    private void LookAtProcessor(long now)
    {
        var cpu = _tree.Cpu();
        if (_cpuAt >= _moved && cpu - _cpu >= Math.Max(1, _time.GetElapsedTime(_cpuAt, now).TotalSeconds * TicksPerSecond / 100))
            _moved = now;
        (_cpu, _cpuAt) = (cpu, now);
    }

    private void ReadLog(long now)
    {
        try
        {
            using var log = RegularFile.Open(_folder.Log);
            if (log.Length == _size)
                return;
            _moved = now;
            if (log.Length - _size > Chunk) // what is far behind the end says nothing about the end
                (_size, _line) = (log.Length - Chunk, []);
            log.Position = Math.Min(_size, log.Length);
            var grown = new byte[log.Length - log.Position];
            log.ReadExactly(grown);
            _size = log.Length;
            LookForResult(grown, now);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Not there yet, or replaced by what is no file.
        }
    }

    private void LookForResult(byte[] grown, long now)
    {
        byte[] text = [.. _line, .. grown];
        var from = 0;
        for (var end = Array.IndexOf(text, (byte)'\n'); end >= 0; end = Array.IndexOf(text, (byte)'\n', from))
        {
            if (IsResult(text.AsSpan(from, end - from)))
                _resultAt ??= now;
            else if (end > from && text[from] == (byte)'{')
                _resultAt = null; // it went on working
            from = end + 1;
        }

        _line = text.Length - from > Chunk ? [] : text[from..];
    }

    /// <summary>The event by which agents that write a line of JSON for each event say that they are done.</summary>
    internal static bool IsResult(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf("\"result\""u8) < 0 && line.IndexOf("\"turn.completed\""u8) < 0)
            return false;
        try
        {
            var reader = new Utf8JsonReader(line);
            return JsonDocument.TryParseValue(ref reader, out var document) && document.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String && type.GetString() is "result" or "turn.completed";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException) // or text in it that is no text
        {
            return false;
        }
    }
}

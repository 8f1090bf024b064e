using System.Globalization;
using System.Text;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>Output of any length: its beginning and its end are kept. Two streams may be added at the same time.</summary>
internal sealed class BoundedOutput(int head = RunText.HeadBytes, int tail = RunText.TailBytes)
{
    private readonly Lock _lock = new();
    private readonly List<byte> _head = [];
    private readonly byte[] _tail = new byte[tail];
    private long _afterHead;

    /// <summary>Has anything come?</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _head.Count == 0;
        }
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            var first = Math.Min(bytes.Length, head - _head.Count);
            _head.AddRange(bytes[..first]);
            var rest = bytes[first..];
            if (rest.Length > tail)
            {
                _afterHead += rest.Length - tail;
                rest = rest[^tail..];
            }

            foreach (var b in rest)
                _tail[_afterHead++ % tail] = b;
        }
    }

    public byte[] ToArray()
    {
        lock (_lock)
        {
            var kept = (int)Math.Min(_afterHead, tail);
            var end = new byte[kept];
            for (var at = 0; at < kept; at++)
                end[at] = _tail[(_afterHead - kept + at) % tail];
            return _afterHead <= tail ? [.. _head, .. end]
                : [.. _head, .. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\n[{_afterHead - tail} bytes left out]\n")), .. end];
        }
    }
}

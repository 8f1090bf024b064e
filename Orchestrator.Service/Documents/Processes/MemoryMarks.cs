using System.Globalization;

namespace Orchestrator.Service.Documents.Processes;

/// <summary>The highest marks that the kernel keeps of a living process.</summary>
/// <param name="ResidentBytes">The largest resident set.</param>
/// <param name="AddressBytes">The largest address space.</param>
internal readonly record struct MemoryMarks(long ResidentBytes, long AddressBytes)
{
    /// <summary>Reads them; false when the process has ended.</summary>
    public static bool TryRead(int processId, out MemoryMarks marks)
    {
        marks = default;
        try
        {
            long resident = 0, address = 0;
            foreach (var line in File.ReadLines($"/proc/{processId}/status"))
            {
                if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                {
                    resident = Kibibytes(line);
                }
                else if (line.StartsWith("VmPeak:", StringComparison.Ordinal))
                {
                    address = Kibibytes(line);
                }
            }

            marks = new MemoryMarks(resident, address);
            return resident > 0;
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long Kibibytes(string line)
    {
        var digits = line.AsSpan(line.IndexOf(':', StringComparison.Ordinal) + 1).Trim();
        var end = digits.IndexOf(' ');
        return long.TryParse(end < 0 ? digits : digits[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value * 1024 : 0;
    }
}

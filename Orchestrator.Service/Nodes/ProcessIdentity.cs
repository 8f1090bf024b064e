using System.Globalization;

namespace Orchestrator.Service.Nodes;

/// <summary>What tells a process from another that got its number later. Linux only; elsewhere everything is "can't tell".</summary>
internal static class ProcessIdentity
{
    /// <summary>Where a pid means something: this boot of this kernel, in this pid namespace (two containers share the first, not the second).</summary>
    public static string Host()
    {
        var boot = Read("/proc/sys/kernel/random/boot_id")?.Trim();
        var pids = new FileInfo("/proc/self/ns/pid").LinkTarget;
        return boot is null || pids is null ? $"unknown-{Guid.NewGuid():N}" : $"{boot}/{pids}";
    }

    /// <summary>This boot of the kernel; empty if it can't be told.</summary>
    public static string Boot() => Read("/proc/sys/kernel/random/boot_id")?.Trim() ?? "";

    /// <summary>Time since this boot; null if it can't be told.</summary>
    public static TimeSpan? Uptime() => Read("/proc/uptime") is { } text ? TimeSpan.FromSeconds(double.Parse(text[..text.IndexOf(' ')], CultureInfo.InvariantCulture)) : null;

    /// <summary>Field 22 of <c>/proc/PID/stat</c>: clock ticks between boot and the process's start. Null if there is no such process.</summary>
    public static long? StartOf(int pid)
    {
        // The second field is the command in parentheses and may hold spaces and parentheses itself: count from the last one.
        var stat = Read($"/proc/{pid}/stat");
        var end = stat?.LastIndexOf(')') ?? -1;
        if (end < 0)
            return null;
        var fields = stat![(end + 2)..].Split(' ');
        return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
    }

    /// <summary>Is that very process gone from this host? False also if it can't be told.</summary>
    public static bool IsGone(int pid, long? start) => start is not null && Directory.Exists("/proc/self") && StartOf(pid) != start;

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

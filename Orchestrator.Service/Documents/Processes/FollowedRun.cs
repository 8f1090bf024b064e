namespace Orchestrator.Service.Documents.Processes;

/// <summary>What was seen of a run, before anyone has said what it means.</summary>
internal sealed record FollowedRun(int ExitCode, bool WallTimeUp, bool Flooded, byte[] Output, string ErrorText, MemoryMarks Marks)
{
    private const int Abort = 128 + 6;
    private const int Kill = 128 + 9;
    private const int Segfault = 128 + 11;
    private const int CpuTime = 128 + 24;
    private const int FileSize = 128 + 25;

    private static readonly string[] OutOfMemory = ["bad_alloc", "out of memory", "cannot allocate memory", "memory exhausted"];

    public ToolResult ToResult(ToolLimits limits, TimeSpan elapsed) => new(EndWithin(limits), ExitCode, Output, ErrorText, Marks.ResidentBytes, elapsed);

    private ToolEnd EndWithin(ToolLimits limits) => ExitCode switch
    {
        _ when Flooded => ToolEnd.OutputSize,
        _ when WallTimeUp && ExitCode != 0 => ToolEnd.WallTime,
        CpuTime => ToolEnd.CpuTime,
        FileSize => ToolEnd.FileSize,
        0 => ToolEnd.Exited,
        _ when SaysOutOfMemory() => ToolEnd.Memory,
        Abort or Segfault or Kill when Marks.AddressBytes > limits.MemoryBytes / 10 * 9 => ToolEnd.Memory,
        > 128 => ToolEnd.Crashed,
        _ => ToolEnd.Exited,
    };

    private bool SaysOutOfMemory() => OutOfMemory.Any(words => ErrorText.Contains(words, StringComparison.OrdinalIgnoreCase));
}

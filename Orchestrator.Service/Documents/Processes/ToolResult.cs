using System.Text;

namespace Orchestrator.Service.Documents.Processes;

/// <summary>What a tool's run left behind.</summary>
/// <param name="End">How it ended.</param>
/// <param name="ExitCode">Its exit code, 128 + signal where a signal ended it, -1 where it never started.</param>
/// <param name="Output">Standard output, whole or up to the limit.</param>
/// <param name="ErrorText">The first part of standard error; untrusted text, not for logs.</param>
/// <param name="PeakMemoryBytes">The largest resident set seen; sampled, so a lower bound for runs of a few milliseconds.</param>
/// <param name="Elapsed">Time on the wall.</param>
public sealed record ToolResult(ToolEnd End, int ExitCode, byte[] Output, string ErrorText, long PeakMemoryBytes, TimeSpan Elapsed)
{
    /// <summary>It ran to its end and said that all is well.</summary>
    public bool Succeeded => End is ToolEnd.Exited && ExitCode == 0;

    /// <summary>One of the limits ended it.</summary>
    public bool HitLimit => End is ToolEnd.WallTime or ToolEnd.CpuTime or ToolEnd.Memory or ToolEnd.FileSize or ToolEnd.OutputSize;

    /// <summary>Standard output as text.</summary>
    public string OutputText => Encoding.UTF8.GetString(Output);
}

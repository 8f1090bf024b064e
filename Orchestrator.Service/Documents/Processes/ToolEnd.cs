namespace Orchestrator.Service.Documents.Processes;

/// <summary>How a tool's run came to its end.</summary>
public enum ToolEnd
{
    /// <summary>It left on its own; its exit code says how it went.</summary>
    Exited,

    /// <summary>The program is not installed on this machine.</summary>
    NotInstalled,

    /// <summary>It ran longer than the wall time allowed and was killed with its whole group.</summary>
    WallTime,

    /// <summary>It used up its processor time.</summary>
    CpuTime,

    /// <summary>It asked for more memory than it may have.</summary>
    Memory,

    /// <summary>It tried to write a file larger than allowed.</summary>
    FileSize,

    /// <summary>It printed more than allowed and was killed.</summary>
    OutputSize,

    /// <summary>A signal that is no limit of ours ended it.</summary>
    Crashed,
}

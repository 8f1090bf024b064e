using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Orchestrator.Service.Processes;

/// <summary>A command (a tool, git, a suite) with everything that it started. It leads its own session, so that one signal reaches them all.</summary>
internal static class ProcessGroup
{
    /// <summary>The variable that every process of a run inherits; by it those are found that left the group.</summary>
    public const string Mark = "ORCHESTRATOR_TOOL_RUN";

    private const int SigKill = 9;

    /// <summary>Kills the leader and its group. Safe to call again and on a group that is gone.</summary>
    public static void Kill(Process leader)
    {
        // The group's id is the leader's pid; the leader itself is named too, for the moment before it leads a session.
        _ = kill(-leader.Id, SigKill);
        try
        {
            leader.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
    }

    /// <summary>Kills what carries the run's mark although it left the group, so that no daemon stays behind.</summary>
    /// <returns>How many it found.</returns>
    public static int KillStrays(string mark)
    {
        var found = 0;
        var wanted = Encoding.ASCII.GetBytes($"{Mark}={mark}");
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), out var processId) && Carries(folder, wanted))
            {
                _ = kill(processId, SigKill);
                found++;
            }
        }

        return found;
    }

    private static bool Carries(string folder, byte[] wanted)
    {
        try
        {
            return File.ReadAllBytes(folder + "/environ").AsSpan().IndexOf(wanted) >= 0;
        }
        catch (IOException)
        {
            return false; // it ended meanwhile
        }
        catch (UnauthorizedAccessException)
        {
            return false; // another user's process is none of ours
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);
}

using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Service.Nodes;
using Orchestrator.Service.Run;

namespace Orchestrator.Service.Processes;

/// <summary>
/// The folder of one run, and with it all that is known of its process. In the order in which it comes to be: <c>spec.json</c> (to be started), <c>run.lock</c> held
/// (the wrapper lives), <c>pid.json</c> (who it is), <c>out.log</c>, <c>exit.json</c> (how it ended; authoritative). A crash between any two can be told from the others.
/// </summary>
internal sealed class RunFolder(string root, long run)
{
    private const int LongestFile = 4 << 20; // a specification holds the whole payload, the others a line
    private static readonly UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public long Run { get; } = run;

    public string Path { get; } = System.IO.Path.Combine(root, run.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public string Log => File("out.log");

    /// <summary>Path of the lock that its tree inherits, as the kernel shows it: links are followed.</summary>
    public string TreeLock
    {
        get
        {
            try
            {
                using var file = RegularFile.Open(File("tree.lock"));
                return new FileInfo(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}")).LinkTarget ?? File("tree.lock");
            }
            catch (IOException)
            {
                return File("tree.lock");
            }
        }
    }

    public bool Exists => Directory.Exists(Path);

    /// <summary>Makes the folder and says what is to be started in it. Values of secrets are not part of it.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Create(RunSpec spec)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("External processes need Linux: their liveness is read from /proc and from locks that die with a process.");
        Directory.CreateDirectory(root, Private);
        Directory.CreateDirectory(Path, Private);
        Publish("spec.json", JsonSerializer.SerializeToUtf8Bytes(spec, JobRun.Json));
    }

    /// <summary>What was to be started; null if it can't be read.</summary>
    public RunSpec? Spec => Read<RunSpec>("spec.json");

    /// <summary>The wrapper's identity; null if it is not there, half-written, or none that a kernel could have given.</summary>
    public WrapperIdentity? Wrapper => Read<WrapperIdentity>("pid.json") is { Pid: > 1, Start: >= 0 and < 1L << 40 } wrapper ? wrapper : null;

    /// <summary>Where the run stands. Never throws; who looks at the same time is not seen.</summary>
    public RunState Look()
    {
        if (Exit is { } exit)
            return new RunState.Ended(exit);
        if (IsHeld("run.lock"))
            return new RunState.Alive(Wrapper);
        // The wrapper writes the exit before it lets the lock go: look again.
        if (Exit is { } late)
            return new RunState.Ended(late);
        return !System.IO.File.Exists(File("pid.json")) ? new RunState.NotStarted() : new RunState.Lost(TreeLives: IsHeld("tree.lock"));
    }

    /// <summary>Is anything of its tree alive that did not close what it inherited?</summary>
    public bool TreeLives => IsHeld("tree.lock");

    /// <summary>Keeps a run that was not started from being started late. False if it was started after all.</summary>
    public bool Abandon()
    {
        if (!Directory.Exists(Path))
            return true;
        try
        {
            using var handle = System.IO.File.OpenHandle(File("run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            if (flock(handle, LockExclusive | LockNonBlocking) != 0 || Wrapper is not null)
                return false;
            // The lock is held until the handle is closed; a wrapper that comes then finds the exit and ends.
            Publish("exit.json", """{"code":75,"ended":0,"reason":"never started"}"""u8.ToArray());
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false; // a wrapper holds it
        }
    }

    public void Delete()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It costs disk and nothing else; the next sweep tries again.
        }
    }

    private RunExit? Exit => Read<RunExit>("exit.json");

    private string File(string name) => System.IO.Path.Combine(Path, name);

    private T? Read<T>(string name) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(RegularFile.Read(File(name), LongestFile), JobRun.Json);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private void Publish(string name, byte[] content)
    {
        var temporary = File(name + ".tmp");
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        System.IO.File.Move(temporary, File(name), overwrite: true);
    }

    // A shared lock: two that look at once don't see each other. A dead process holds none, a zombie neither.
    private bool IsHeld(string name)
    {
        try
        {
            using var file = RegularFile.Open(File(name));
            var handle = file.SafeFileHandle;
            return name == "tree.lock"
                ? flock(handle, LockExclusive | LockNonBlocking) != 0 // the tree itself holds it shared
                : flock(handle, LockShared | LockNonBlocking) != 0;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return true; // whatever it may be, it is no proof of death
        }
    }

    private const int LockShared = 1, LockExclusive = 2, LockNonBlocking = 4;

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int flock(SafeFileHandle file, int operation);
}

/// <summary>What is to be started.</summary>
/// <param name="JobId">The job.</param>
/// <param name="Run">The run.</param>
/// <param name="Command">Name of the command.</param>
/// <param name="Arguments">Program and arguments.</param>
/// <param name="Environment">Names of the variables that it gets.</param>
/// <param name="Folder">Working folder.</param>
/// <param name="Limits">Its limits, as they were then.</param>
/// <param name="CreatedAt">The time.</param>
internal sealed record RunSpec(
    Guid JobId, long Run, string Command, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment, string Folder, RunLimits Limits, DateTimeOffset CreatedAt);

/// <summary>When a run is ended: see <see cref="CommandOptions"/>.</summary>
internal sealed record RunLimits(TimeSpan WallTime, TimeSpan IdleTime, TimeSpan ResultGrace, TimeSpan StopGrace, long MaxLogBytes);

/// <summary>Who a wrapper is: its number alone says nothing.</summary>
internal sealed record WrapperIdentity(int Pid, long Start, string Boot)
{
    /// <summary>How long it lives, by the clock of the kernel that nobody sets; null if it can't be told.</summary>
    public TimeSpan? Age => Boot == ProcessIdentity.Boot() && ProcessIdentity.Uptime() is { } uptime ? uptime - TimeSpan.FromSeconds(Start / 100.0) : null;

    /// <summary>Is it that very process, right now?</summary>
    public bool IsThere => Boot == ProcessIdentity.Boot() && ProcessIdentity.StartOf(Pid) == Start;
}

/// <summary>How a run's program ended, in its wrapper's words.</summary>
internal sealed record RunExit(int Code, long Ended, string Reason)
{
    public const string NeverStarted = "never started";
}

/// <summary>Where a run stands.</summary>
internal abstract record RunState
{
    /// <summary>Its exit is on the disk.</summary>
    public sealed record Ended(RunExit Exit) : RunState;

    /// <summary>Its wrapper holds the lock. Without an identity it has not said yet who it is.</summary>
    public sealed record Alive(WrapperIdentity? Wrapper) : RunState;

    /// <summary>It was to be started, and no wrapper has said that it is there. That may still come.</summary>
    public sealed record NotStarted : RunState;

    /// <summary>Its wrapper is gone and left no exit.</summary>
    public sealed record Lost(bool TreeLives) : RunState;
}

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Orchestrator.Service.Processes;

/// <summary>All processes of a run: those of its session, and those that left it and still carry its mark or hold what they inherited of it. Linux only.</summary>
internal sealed class ProcessTree(RunFolder folder, TimeProvider time)
{
    private const int Term = 15, KillSignal = 9;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Ends all of it: the request to end, its grace, then the kill; the wrapper last, because it keeps the exit code. Goes on until two looks in a row find
    /// nothing, for what forks meanwhile.
    /// </summary>
    /// <returns>What would not end: processes of another user, or stuck in the kernel. Empty if all has.</returns>
    public async Task<IReadOnlyList<int>> StopAsync(TimeSpan grace, CancellationToken cancellation = default)
    {
        var asked = time.GetTimestamp();
        // The wrapper passes the request on to its group; who is asked twice may take the second for "now".
        foreach (var member in Members().Where(member => member.IsWrapper || !member.HearsWrapper))
            Signal(member, Term);
        while (Members().Any(member => !member.IsWrapper) && time.GetElapsedTime(asked) < grace)
            await Task.Delay(Look, time, cancellation);

        var killed = time.GetTimestamp();
        for (var empty = 0; empty < 2;)
        {
            var members = Members();
            empty = members.Count == 0 ? empty + 1 : 0;
            foreach (var member in members.Where(member => !member.IsWrapper || time.GetElapsedTime(killed) > LastWords))
                Signal(member, KillSignal);
            if (empty < 2 && time.GetElapsedTime(killed) > Patience)
                return [.. members.Select(member => member.Pid)];
            if (empty < 2)
                await Task.Delay(Look, time, cancellation);
        }

        return [];
    }

    /// <summary>The run folders of a job's processes that live on this machine.</summary>
    public static HashSet<string> RunsOf(Guid job)
    {
        var mark = Encoding.ASCII.GetBytes($"{Launcher.JobMark}={job}");
        return [.. Directory.EnumerateDirectories("/proc")
            .Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
            .Select(path => ReadEnvironment(path) is { } environment && Contains(environment, mark) ? ValueOf(environment, Launcher.Mark) : null)
            .OfType<string>()];
    }

    /// <summary>Processor time that its living processes have used, in clock ticks.</summary>
    public long Cpu() => Members().Sum(member => member.Cpu);

    /// <summary>Its living processes.</summary>
    public List<Member> Members()
    {
        var mark = Encoding.UTF8.GetBytes($"{Launcher.Mark}={folder.Path}");
        // Its program can write anything into that file, a stranger's number and start, too.
        var wrapper = folder.Wrapper is { IsThere: true } there && Carries($"/proc/{there.Pid.ToString(CultureInfo.InvariantCulture)}", mark) ? there : null;
        var treeLock = folder.TreeLock;
        var members = new List<Member>();
        foreach (var path in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) || pid <= 1 || pid == Environment.ProcessId || Stat.Of(pid) is not { } stat)
                continue;
            var isWrapper = wrapper?.Pid == pid;
            if (isWrapper || (wrapper is not null && stat.Session == wrapper.Pid) || Carries(path, mark) || Inherited(path, treeLock))
                members.Add(new Member(pid, stat.Start, stat.Cpu, isWrapper, wrapper is not null && stat.Group == wrapper.Pid));
        }

        return members;
    }

    // The number may be another's by now: the start is read once more right before the signal.
    private static void Signal(Member member, int signal)
    {
        if (Stat.Of(member.Pid)?.Start == member.Start)
            _ = kill(member.Pid, signal);
    }

    private static byte[]? ReadEnvironment(string path)
    {
        try
        {
            return File.ReadAllBytes(path + "/environ");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // it ended meanwhile, or is another user's and none of ours
        }
    }

    private static bool Carries(string path, byte[] variable) => ReadEnvironment(path) is { } environment && Contains(environment, variable);

    // Each variable ends with NUL, and the one looked for may be the first.
    private static bool Contains(ReadOnlySpan<byte> environment, ReadOnlySpan<byte> variable)
    {
        foreach (var range in environment.Split((byte)0))
        {
            if (environment[range].SequenceEqual(variable))
                return true;
        }

        return false;
    }

    private static string? ValueOf(ReadOnlySpan<byte> environment, string name)
    {
        var start = Encoding.ASCII.GetBytes(name + '=');
        foreach (var range in environment.Split((byte)0))
        {
            if (environment[range].StartsWith(start))
                return Encoding.UTF8.GetString(environment[range][start.Length..]);
        }

        return null;
    }

    // Has it what the wrapper left open to it, under the same number and for writing? Who only looks whether the lock is held opens it for reading.
    private static bool Inherited(string path, string treeLock)
    {
        try
        {
            return new FileInfo(path + "/fd/8").LinkTarget is { } link && link.StartsWith(treeLock, StringComparison.Ordinal) && link[treeLock.Length..] is "" or " (deleted)"
                && File.ReadLines(path + "/fdinfo/8").Any(line => line.StartsWith("flags:", StringComparison.Ordinal) && ((line[^1] - '0') & 3) != 0);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int kill(int processId, int signal);

    /// <summary>One process of the tree.</summary>
    /// <param name="Pid">Its number.</param>
    /// <param name="Start">Its start, clock ticks since boot.</param>
    /// <param name="Cpu">Processor time of it and of its children that have ended, in clock ticks.</param>
    /// <param name="IsWrapper">Is it the wrapper?</param>
    /// <param name="HearsWrapper">Is it in the group that the wrapper passes signals on to?</param>
    public readonly record struct Member(int Pid, long Start, long Cpu, bool IsWrapper, bool HearsWrapper);

    private readonly record struct Stat(int Group, int Session, long Cpu, long Start)
    {
        public static Stat? Of(int pid)
        {
            try
            {
                var text = File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat");
                var fields = text[(text.LastIndexOf(')') + 2)..].Split(' '); // from field 3 on
                return fields[0] is "Z" or "X" ? null : new Stat(
                    int.Parse(fields[2], CultureInfo.InvariantCulture), int.Parse(fields[3], CultureInfo.InvariantCulture),
                    fields[11..15].Sum(ticks => long.Parse(ticks, CultureInfo.InvariantCulture)),
                    long.Parse(fields[19], CultureInfo.InvariantCulture));
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Service.Delivery.Runners;

/// <summary>Single quotes around words of known characters: nothing else reaches a shell on another host.</summary>
internal static partial class SshQuoting
{
    public const string Allowed = "letters, digits, spaces and _@%+=:,./-";

    public static bool IsAllowed(string argument) => Word().IsMatch(argument);

    /// <exception cref="ArgumentException">A character is none of the allowed ones.</exception>
    public static string Quote(string argument) =>
        IsAllowed(argument) ? $"'{argument}'" : throw new ArgumentException($"An argument for another host may hold only {Allowed}. Found: {argument}", nameof(argument));

    [GeneratedRegex(@"\A[A-Za-z0-9 _@%+=:,./-]*\z")]
    private static partial Regex Word();
}

/// <summary>What a command on another host left.</summary>
/// <param name="Local">The client's end; its output without the line that carries the exit code.</param>
/// <param name="RemoteExit">The command's own exit code; null if none has arrived.</param>
/// <param name="TimedOut">Did a timer end it, there or here?</param>
internal sealed record ChannelResult(ProcessEnd Local, int? RemoteExit, bool TimedOut)
{
    public ChannelEnd Channel => RemoteExit is null && Local.Fault is null ? ChannelEnd.Broken : ChannelEnd.Sound;

    public RunEvidence ToEvidence() => new()
    {
        ExitCode = RemoteExit ?? Local.ExitCode, Channel = Channel, TimedOut = TimedOut && Channel == ChannelEnd.Sound, Spawn = Local.Fault, Text = RunText.Of(Local.Output),
    };
}

/// <summary>
/// Runs commands on another host over ssh. The exit code comes back in a line of its own with a number that nobody can guess, so that a lost channel is never taken for a
/// failed command. The far end watches the channel: when it is gone, and when the time is up, the whole tree there ends.
/// </summary>
internal sealed partial class SshChannel(SshOptions options, TimeProvider time)
{
    private static readonly TimeSpan Return = TimeSpan.FromSeconds(15);

    // No single quote may stand in it. $1 is the mark of the tree, $2 the number of the answer, $3 the seconds, $4 the folder, then the command.
    private const string Far = """
        m=$1 n=$2 t=$3 d=$4; shift 4
        answer() { echo; echo "__ORCH_RC=$1 $n"; exit "$1"; }
        cd "$d" || answer 72
        sweep() { for p in /proc/[0-9]*; do if grep -zqsx "ORCHESTRATOR_REMOTE_RUN=$m" "$p/environ"; then kill -"$1" "${p#/proc/}"; fi; done; } 2>/dev/null
        exec 3<&0 </dev/null
        ORCHESTRATOR_REMOTE_RUN=$m setsid timeout -k 5 "$t" "$@" 3<&- &
        c=$!
        { cat <&3; sweep TERM; sleep 1; sweep KILL; sweep KILL; } >/dev/null 2>&1 &
        w=$!
        exec 3<&-
        wait "$c"; r=$?
        kill "$w" 2>/dev/null
        sweep KILL; sweep KILL
        answer "$r"
        """;

    public string Target => $"{(options.User.Length > 0 ? options.User + "@" : "")}{options.Host}:{options.Port.ToString(CultureInfo.InvariantCulture)}";

    /// <param name="command">Program and arguments of the allowed characters.</param>
    /// <param name="timeout">Of the command; the connection has its own.</param>
    /// <param name="cancellation">Ends the connection, and with it the command, and throws.</param>
    /// <exception cref="ArgumentException">A character is not allowed.</exception>
    public async Task<ChannelResult> RunAsync(IReadOnlyList<string> command, TimeSpan timeout, CancellationToken cancellation)
    {
        var answer = Guid.NewGuid().ToString("N");
        var seconds = Math.Max(1, (int)Math.Ceiling(timeout.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        var far = $"exec sh -c '{Far}' orchestrator {string.Join(' ', ((string[])[Guid.NewGuid().ToString("N"), answer, seconds, options.Folder, .. command]).Select(SshQuoting.Quote))}";
        // The input stays open as long as we live: its end is how the far end hears that we are gone.
        var local = await new SuiteProcess(time).RunAsync(
            "/", "ssh", [.. Arguments(), "--", options.Host, far], new Dictionary<string, string>(), options.ConnectTimeout + timeout + Return, TimeSpan.Zero, holdInput: true, cancellation);

        var output = Encoding.Latin1.GetString(local.Output); // byte for byte
        var told = Answer().Matches(output).LastOrDefault(match => match.Groups["nonce"].Value == answer);
        if (told is null || !int.TryParse(told.Groups["code"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            return new ChannelResult(local, null, local.TimedOut);
        var words = output.Remove(told.Index, told.Length);
        return new ChannelResult(local with { Output = Encoding.Latin1.GetBytes(words) }, code, local.TimedOut || (code is 124 or 137 && local.Elapsed >= timeout));
    }

    private IEnumerable<string> Arguments()
    {
        // Settings of the user's are left out: they could lead elsewhere.
        yield return "-F";
        yield return "none";
        yield return "-T";
        foreach (var option in new[]
                 {
                     "BatchMode=yes", string.Create(CultureInfo.InvariantCulture, $"ConnectTimeout={Math.Ceiling(options.ConnectTimeout.TotalSeconds)}"), "ServerAliveInterval=15", "ServerAliveCountMax=4",
                     "StrictHostKeyChecking=yes", "ControlMaster=no", "ControlPath=none", "ForwardAgent=no", "ClearAllForwardings=yes", "UpdateHostKeys=no", "ConnectionAttempts=1",
                 })
        {
            yield return "-o" + option;
        }

        if (options.KnownHosts.Length > 0)
        {
            yield return $"-oUserKnownHostsFile={options.KnownHosts}";
            yield return "-oGlobalKnownHostsFile=/dev/null";
        }

        if (options.Identity.Length > 0)
        {
            yield return "-oIdentitiesOnly=yes";
            yield return "-i";
            yield return options.Identity;
        }

        yield return "-p";
        yield return options.Port.ToString(CultureInfo.InvariantCulture);
        if (options.User.Length > 0)
        {
            yield return "-l";
            yield return options.User;
        }
    }

    [GeneratedRegex(@"\n?__ORCH_RC=(?<code>\d{1,3}) (?<nonce>[0-9a-f]{32})\r?(?:\n|$)")]
    private static partial Regex Answer();
}

/// <summary>What is known of a channel, for <c>GET /queue</c>.</summary>
/// <param name="Target">User, host and port.</param>
/// <param name="Ok">Null before the first look.</param>
/// <param name="CheckedAt">When it was looked at.</param>
/// <param name="Error">What is wrong and by which rule; null if nothing is.</param>
internal sealed record ChannelState(string Target, bool? Ok, DateTimeOffset? CheckedAt, string? Error);

/// <summary>Looks at a channel by the very way that suites go, at most once in its interval. Nobody waits for it.</summary>
internal sealed class SshPreflight(SshOptions options, TimeProvider time)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private readonly SshChannel _channel = new(options, time);
    private readonly Lock _lock = new();
    private ChannelState? _state;
    private Task<ChannelState>? _look;

    /// <summary>The last result, at once; a new look begins where it is too old.</summary>
    public ChannelState Current()
    {
        lock (_lock)
        {
            if (_look is not { IsCompleted: false } && (_state?.CheckedAt is not { } at || time.GetUtcNow() - at >= options.PreflightInterval))
                _look = Task.Run(LookAsync);
            return _state ?? new ChannelState(_channel.Target, null, null, null);
        }
    }

    /// <summary>The result of the look that is under way, or the last one; begins one where there is none. Never throws but by its cancellation.</summary>
    public Task<ChannelState> FreshAsync(CancellationToken cancellation)
    {
        Current();
        lock (_lock)
            return (_look ?? Task.FromResult(_state!)).WaitAsync(cancellation);
    }

    private async Task<ChannelState> LookAsync()
    {
        string? error;
        try
        {
            var result = await _channel.RunAsync(options.Preflight.Count > 0 ? [.. options.Preflight] : ["true"], Longest, CancellationToken.None);
            var verdict = RunDecision.Decide(result.ToEvidence());
            error = result.RemoteExit == 0 ? null : $"{RunClasses.NameOf(verdict.Class)}, {verdict.Rule}: {verdict.Reason}";
        }
        catch (Exception exception)
        {
            error = $"{exception.GetType().Name}: {exception.Message}";
        }

        var state = new ChannelState(_channel.Target, error is null, time.GetUtcNow(), error);
        lock (_lock)
            _state = state;
        return state;
    }
}

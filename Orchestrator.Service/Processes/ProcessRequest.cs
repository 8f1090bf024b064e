using System.Text.Json;
using System.Text.Json.Serialization;

namespace Orchestrator.Service.Processes;

/// <summary>The payload of a job in a lane of commands: it names a command and never carries one.</summary>
/// <param name="Command">One of the lane's commands.</param>
/// <param name="Arguments">Values of the command's parameters.</param>
/// <param name="Environment">Names of variables, of those that the command lists under Secrets, that this run gets; all of them if absent.</param>
/// <param name="Folder">Working folder, within the command's Folders; the run's own folder if absent.</param>
/// <param name="TimeLimit">Longest time, within the command's WallTime.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ProcessRequest(
    string Command, IReadOnlyDictionary<string, string>? Arguments = null, IReadOnlyList<string>? Environment = null, string? Folder = null, TimeSpan? TimeLimit = null)
{
    /// <exception cref="JsonException">It is no such payload.</exception>
    internal static ProcessRequest Read(string payload) => JsonSerializer.Deserialize<ProcessRequest>(payload, Run.JobRun.Json) ?? throw new JsonException("It is null.");
}

/// <summary>A request that passed: what is to be started.</summary>
/// <param name="Name">The command.</param>
/// <param name="Options">Its settings.</param>
/// <param name="Arguments">Its arguments, filled in.</param>
/// <param name="Secrets">Names of the variables that it gets from the service's environment.</param>
/// <param name="Folder">Working folder; null for the run's own.</param>
/// <param name="WallTime">Longest time.</param>
internal sealed record PreparedCommand(string Name, CommandOptions Options, IReadOnlyList<string> Arguments, IReadOnlyList<string> Secrets, string? Folder, TimeSpan WallTime)
{
    public RunLimits Limits => new(WallTime, Options.IdleTime, Options.ResultGrace, Options.StopGrace, Options.MaxLogBytes);
}

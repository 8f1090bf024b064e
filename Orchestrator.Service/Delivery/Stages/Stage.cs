namespace Orchestrator.Service.Delivery.Stages;

/// <summary>Who works on a stage.</summary>
public abstract record Worker
{
    private Worker()
    {
    }

    /// <summary>An external process in a worktree of the task.</summary>
    /// <param name="Command">A command of the agents' lane.</param>
    /// <param name="Prompt">The template of its prompt.</param>
    public sealed record Agent(string Command, string Prompt) : Worker;

    /// <summary>A deterministic runner of the service; where it is switched off, an agent does the stage.</summary>
    /// <param name="Kind">Which.</param>
    /// <param name="Instead">The agent; null if the stage can't be done without the runner.</param>
    public sealed record Runner(RunnerKind Kind, Agent? Instead) : Worker;

    /// <summary>A job of the service's own.</summary>
    public sealed record Reserved(ReservedJob Job) : Worker;
}

/// <summary>The runners.</summary>
public enum RunnerKind
{
    /// <summary>Runs the test suite in the task's worktree.</summary>
    Tests,

    /// <summary>Deploys to staging and looks whether it stands.</summary>
    Staging,
}

/// <summary>Jobs that the service does itself.</summary>
public enum ReservedJob
{
    /// <summary>Merges and finishes a delivery.</summary>
    Deploy,

    /// <summary>Looks after what was delivered for a while.</summary>
    PostDeploy,
}

/// <summary>What follows when a stage has failed by the work's own fault.</summary>
public abstract record OnFailure
{
    private OnFailure()
    {
    }

    /// <summary>A stage begins anew, at the cost of a retry; when none is left, the task has failed.</summary>
    public sealed record BackTo(string Stage) : OnFailure;

    /// <summary>The task waits for a person.</summary>
    public sealed record Hold : OnFailure;
}

/// <summary>A stage of the pipeline.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Worker">Who works on it.</param>
/// <param name="Enter">Gates that are asked before the work begins; runners and reserved jobs only.</param>
/// <param name="Gates">Gates that are asked after it; all must pass.</param>
/// <param name="OnFailure">What follows when a gate, or the work, has failed.</param>
/// <param name="TimeLimit">Longest time of a run; null for the worker's own limit.</param>
/// <param name="GateWithin">How long its gates may have no answer before the task is held.</param>
/// <param name="Serial">Does it need the task's turn at the serial gate?</param>
/// <param name="OnNewHead">The stage that begins anew, at no cost, when the work came upon a head that no gate has seen; null where that counts as a failure.</param>
public sealed record Stage(
    string Name, Worker Worker, IReadOnlyList<string> Enter, IReadOnlyList<string> Gates, OnFailure OnFailure, TimeSpan? TimeLimit, TimeSpan GateWithin, bool Serial, string? OnNewHead = null);

/// <summary>The stages, in order, and how often a task may be sent back. Read from one YAML file; see <see cref="PipelineFile"/>.</summary>
public sealed record DeliveryPipeline(IReadOnlyList<Stage> Stages, int Retries)
{
    /// <exception cref="KeyNotFoundException">The pipeline has no such stage any more.</exception>
    public Stage this[string name] => Find(name)
        ?? throw new KeyNotFoundException($"The pipeline has no stage '{name}'. It has: {string.Join(", ", Stages.Select(stage => stage.Name))}. Put it back, or cancel the tasks that are at it.");

    public Stage? Find(string name) => Stages.FirstOrDefault(stage => stage.Name == name);

    /// <summary>Null after the last.</summary>
    public Stage? After(Stage stage)
    {
        var next = Stages.TakeWhile(s => s.Name != stage.Name).Count() + 1;
        return next < Stages.Count ? Stages[next] : null;
    }
}

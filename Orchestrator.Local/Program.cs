using Orchestrator.Local;

return args switch
{
    ["up", .. var rest] => await UpVerb.RunAsync(rest),
    _ => Usage.Show(),
};

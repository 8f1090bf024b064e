using System.Globalization;
using Orchestrator.Local.StandIns;

namespace Orchestrator.Local.Storm;

/// <summary>
/// What the delivery pipeline works on: bare repositories, a forge over them, and agents that are real processes, really commit and take almost no time. Each change adds a file of its
/// own, so that it can be counted afterwards. Of each seven one is sent back by its review, of each five one finds a main that somebody else has moved just before it is delivered.
/// </summary>
internal sealed class DeliveryYard : IAsyncDisposable
{
    private const string Agent = """
        set -e
        n=${2##*-}
        case $1 in
          analysis)       printf '# Analysis\n\nIt is change %s.\n' $n > .task/01-analysis.md ;;
          architecture)   printf '# Architecture\n\nOne file.\n' > .task/02-architecture.md ;;
          development)    mkdir -p changes; echo $n > changes/$n.txt; git add changes
                          git diff --cached --quiet || git -c user.name=Agent -c user.email=agent@example.org commit -q -m "Change $n" ;;
          review)         if [ $((n % 7)) = 3 ] && mkdir $3/review-$n 2>/dev/null; then verdict=CHANGES_REQUESTED; else verdict=APPROVED; fi
                          echo "verdict: $verdict" > .task/12-review.md ;;
          testing)        [ "$(cat changes/$n.txt)" = $n ] && echo 'result: PASS' > .task/13-test-report.md ;;
          deploy-staging) if [ $((n % 5)) = 4 ] && mkdir $3/moved-$n 2>/dev/null; then
                            git clone -q $4/$(dirname $5)/$(basename $5).git $3/moved-$n/clone
                            cd $3/moved-$n/clone; echo $n > other-$n.txt; git add .
                            git -c user.name=Other -c user.email=other@example.org commit -q -m "Other $n"; git push -q origin main
                            cd "$OLDPWD"
                          fi
                          echo 'staging_status: SUCCESS' > .task/15-staging-log.md ;;
        esac
        """;

    private readonly List<BareRepository> _bare = [];

    private DeliveryYard(string folder, GiteaStandIn forge) => (Folder, Forge) = (folder, forge);

    public string Folder { get; }

    public GiteaStandIn Forge { get; }

    public int Repositories => _bare.Count;

    /// <param name="folder">Empty; the caller's to remove.</param>
    /// <param name="repositories">How many.</param>
    public static async Task<DeliveryYard> SetAsync(string folder, int repositories)
    {
        var yard = new DeliveryYard(folder, await GiteaStandIn.StartAsync(TimeProvider.System));
        Directory.CreateDirectory(yard.Marks);
        await File.WriteAllTextAsync(yard.Token, yard.Forge.Token);
        for (var i = 0; i < repositories; i++)
        {
            var bare = new BareRepository(Directory.CreateDirectory(Path.Combine(yard.Remotes, RepositoryOf(i) + ".git")).FullName);
            await bare.RunAsync("init", "--quiet", "--bare", "--initial-branch=main");
            var tree = await bare.RunAsync("hash-object", "-t", "tree", "-w", "/dev/null");
            await bare.RunAsync("update-ref", "refs/heads/main", await bare.CommitAsync(tree, "Begin"));
            yard._bare.Add(bare);
            yard.Forge.Serve(RepositoryOf(i), bare.Folder);
        }

        return yard;
    }

    /// <summary>Settings of a node, below <c>Orchestrator:</c>.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["Delivery:Enabled"] = "true",
        ["Delivery:Folder"] = Path.Combine(Folder, "delivery"),
        ["Delivery:Remote"] = Path.Combine(Remotes, "{repository}.git"),
        ["Forge:Url"] = Forge.Url.ToString(),
        ["Forge:Token:File"] = Token,
        ["Processes:Folder"] = Path.Combine(Folder, "runs"),
        ["Lanes:agents:Commands:0"] = "agent",
        ["Commands:agent:Program"] = "/bin/bash",
        ["Commands:agent:Arguments:0"] = "-c",
        ["Commands:agent:Arguments:1"] = Agent.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal),
        ["Commands:agent:Arguments:2"] = "agent",
        ["Commands:agent:Arguments:3"] = "{stage}",
        ["Commands:agent:Arguments:4"] = "{branch}",
        ["Commands:agent:Arguments:5"] = Marks,
        ["Commands:agent:Arguments:6"] = Remotes,
        ["Commands:agent:Arguments:7"] = "{repository}",
        ["Commands:agent:Parameters:stage:MaxLength"] = "100",
        ["Commands:agent:Parameters:branch:MaxLength"] = "200",
        ["Commands:agent:Parameters:repository:MaxLength"] = "200",
        ["Commands:agent:Folders:0"] = Folder,
    };

    public static string KeyOf(int change) => string.Create(CultureInfo.InvariantCulture, $"change-{change}");

    public static string TitleOf(int change) => string.Create(CultureInfo.InvariantCulture, $"Change {change}");

    /// <summary>Is it sent back once?</summary>
    public static bool IsSentBack(int change) => change % 7 == 3;

    /// <summary>Does somebody move main before it is delivered?</summary>
    public static bool IsOvertaken(int change) => change % 5 == 4;

    public string RepositoryOfChange(int change) => RepositoryOf(change % Repositories);

    /// <summary>What is wrong in the repositories and at the forge after so many changes were delivered; nothing if each is in its main exactly once.</summary>
    public async Task<List<string>> WrongAsync(int changes)
    {
        var wrong = new List<string>();
        for (var i = 0; i < Repositories; i++)
        {
            var (name, own) = (RepositoryOf(i), Enumerable.Range(0, changes).Where(change => change % Repositories == i).ToList());
            var overtaken = own.Where(IsOvertaken).Select(change => string.Create(CultureInfo.InvariantCulture, $"Other {change}")).ToList();
            var straight = (await _bare[i].RunAsync("log", "--first-parent", "--format=%P|%s", "main")).Split('\n').Select(line => line.Split('|', 2)).ToList();
            var merges = straight.Where(line => line[0].Contains(' ', StringComparison.Ordinal)).Select(line => line[1].Split('\'') is [_, var title, ..] ? title : line[1]);
            wrong.AddRange(Differences($"{name}: merge commits of main", own.Select(TitleOf), merges));
            wrong.AddRange(Differences($"{name}: other commits in the first line of main", ["Begin", .. overtaken], straight.Where(line => !line[0].Contains(' ', StringComparison.Ordinal)).Select(line => line[1])));
            var commits = (await _bare[i].RunAsync("log", "--no-merges", "--format=%s", "main")).Split('\n');
            wrong.AddRange(Differences($"{name}: commits in main", ["Begin", .. overtaken, .. own.Select(TitleOf)], commits));
            var files = (await _bare[i].RunAsync("ls-tree", "-r", "--name-only", "main")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            wrong.AddRange(Differences(
                $"{name}: files in main",
                own.Select(change => string.Create(CultureInfo.InvariantCulture, $"changes/{change}.txt")).Concat(own.Where(IsOvertaken).Select(change => string.Create(CultureInfo.InvariantCulture, $"other-{change}.txt"))), files));
            wrong.AddRange(Differences($"{name}: branches", ["main"], (await _bare[i].RunAsync("for-each-ref", "--format=%(refname:short)", "refs/heads")).Split('\n')));
            wrong.AddRange(Differences($"{name}: pull requests opened", own.Select(change => "task/" + KeyOf(change)), Answered(name, "POST", "/pulls", 201).Select(request => HeadOf(request.Body))));
            wrong.AddRange(Differences($"{name}: merges by the forge", own.Select((_, at) => Numbered("/pulls/", at, "/merge")), Answered(name, "POST", "/merge", 200).Select(request => Below(name, request))));
            wrong.AddRange(Differences($"{name}: comments of deliveries", own.Select((_, at) => Numbered("/issues/", at, "/comments")), Answered(name, "POST", "/comments", 201).Select(request => Below(name, request))));
            if (await _bare[i].GitAsync("fsck", "--connectivity-only") is { Code: not 0 } broken)
                wrong.Add($"{name}: {broken.Output}");
        }

        return wrong;
    }

    public ValueTask DisposeAsync() => Forge.DisposeAsync();

    private string Remotes => Path.Combine(Folder, "remotes");

    private string Marks => Path.Combine(Folder, "marks");

    private string Token => Path.Combine(Folder, "token");

    private static string RepositoryOf(int number) => string.Create(CultureInfo.InvariantCulture, $"team/app{number}");

    private IEnumerable<SeenRequest> Answered(string repository, string method, string end, int status) => Forge.Journal
        .Where(request => request.Method == method && request.Status == status && request.Path.Contains($"/repos/{repository}/", StringComparison.Ordinal) && request.Path.EndsWith(end, StringComparison.Ordinal));

    private static string Below(string repository, SeenRequest request) => request.Path.Split(repository, 2)[1];

    private static string Numbered(string before, int at, string after) => string.Create(CultureInfo.InvariantCulture, $"{before}{at + 1}{after}");

    private static string HeadOf(string body) => System.Text.Json.Nodes.JsonNode.Parse(body)!["head"]!.GetValue<string>();

    private static IEnumerable<string> Differences(string what, IEnumerable<string> wanted, IEnumerable<string> found)
    {
        var (should, does) = (wanted.CountBy(one => one).ToDictionary(), found.CountBy(one => one).ToDictionary());
        return should.Keys.Union(does.Keys).Where(one => should.GetValueOrDefault(one) != does.GetValueOrDefault(one))
            .Select(one => string.Create(CultureInfo.InvariantCulture, $"{what}: '{one}' {does.GetValueOrDefault(one)} times instead of {should.GetValueOrDefault(one)}"));
    }
}

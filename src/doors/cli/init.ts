import { startProject } from '../../flows/start-project.ts';
import { openClone } from './clone.ts';
import { type Command, flag, jsonFlag, text } from './command.ts';
import { plain } from './terminal.ts';

export const init: Command = {
  name: 'init',
  synopsis: '[--name N] [--goals G] [--description D] [--private]',
  summary: 'Makes the branch `records` with the project on it.',
  details: [
    "What is not told comes from corroborate.yml (project, goals, description, private); the name is else the folder's. You are the project's owner: whoever `corroborate.login` and `corroborate.id` in git's configuration, or your author name and address, say you are.",
    'Nothing of your checkout is touched. `corroborate run` makes the branch too, with its first record, so that init is for saying more. Should the remote have the branch already, `corroborate pull` fetches it.',
  ],
  flags: {
    name: { type: 'string', value: 'NAME', help: "the project's name" },
    goals: { type: 'string', value: 'TEXT', help: 'what the simulation is for' },
    description: { type: 'string', value: 'TEXT', help: 'what it is' },
    private: { type: 'boolean', help: 'mark the project as private; who may read it is up to the repository' },
    ...jsonFlag,
  },
  examples: [["corroborate init --goals 'Draw n values from a distribution'", 'Start the records of this repository.']],
  words: [0, 0],
  async run(call) {
    const clone = await openClone(call);
    const { configuration } = clone;
    const words = {
      name: text(call, 'name') ?? configuration.project ?? clone.folderName,
      goals: text(call, 'goals') ?? configuration.goals ?? '',
      description: text(call, 'description') ?? configuration.description ?? '',
      private: flag(call, 'private') || (configuration.private ?? false),
    };
    const { project, snapshot } = await startProject(clone.store, words, clone.owner(), call.chance.now());
    if (flag(call, 'json')) call.terminal.json({ ...project, branch: clone.store.branch, commit: snapshot.commit });
    else call.terminal.print(`Started the records of ${plain(project.name)} on the branch ${clone.store.branch}.`);
    return 0;
  },
};

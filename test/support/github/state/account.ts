/** Whoever acts or owns: known by the number, since a login can change hands. */
export class Account {
  readonly id: number;
  login: string;
  readonly type: 'User' | 'Organization' | 'Bot';
  readonly createdAt: Date;

  constructor(id: number, login: string, type: Account['type'], createdAt: Date) {
    this.id = id;
    this.login = login;
    this.type = type;
    this.createdAt = createdAt;
  }

  /** As GitHub writes an author whose address is private. */
  get email(): string {
    return `${this.id}+${this.login}@users.noreply.github.com`;
  }
}

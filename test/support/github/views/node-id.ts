/** GitHub's opaque ids of GraphQL. */
export const nodeId = (type: string, id: number | string) => Buffer.from(`${type}:${id}`).toString('base64url');
